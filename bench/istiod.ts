import { readFileSync } from 'node:fs';

/** What istiod 86c9f01f needs on the reference load (spec/performance.md 2). Times in ms, sizes in MiB; debounce of 100 ms within. */
export interface Figures {
  readonly ms: number;
  readonly cpu: number;
}

export interface IstiodRow {
  readonly ready?: Figures & { readonly rss: number };
  readonly cold: Figures;
  /** Megabytes on the wire of the cold sync. */
  readonly wire: number;
  readonly endpoint: Figures;
  readonly add: Figures;
  readonly remove: Figures;
  readonly timeout: Figures;
  readonly reconnect: Figures;
  readonly rss: { readonly steady: number; readonly peak: number };
}

/** By load, e.g. `c10k P=50`. */
export type IstiodFigures = Readonly<Record<string, IstiodRow>>;

export const istiod: IstiodFigures = {
  'c1k P=200': {
    ready: { ms: 900, cpu: 1_000, rss: 174 },
    cold: { ms: 1_100, cpu: 1_900 },
    wire: 39,
    endpoint: { ms: 104, cpu: 7 },
    add: { ms: 147, cpu: 82 },
    remove: { ms: 144, cpu: 76 },
    timeout: { ms: 143, cpu: 80 },
    reconnect: { ms: 1_000, cpu: 1_700 },
    rss: { steady: 420, peak: 553 },
  },
  'c10k P=1': {
    ready: { ms: 6_600, cpu: 8_900, rss: 470 },
    cold: { ms: 150, cpu: 140 },
    wire: 1.8,
    endpoint: { ms: 102, cpu: 3 },
    add: { ms: 279, cpu: 182 },
    remove: { ms: 249, cpu: 151 },
    timeout: { ms: 197, cpu: 100 },
    reconnect: { ms: 130, cpu: 130 },
    rss: { steady: 482, peak: 551 },
  },
  'c10k P=50': {
    cold: { ms: 4_300, cpu: 8_100 },
    wire: 91,
    endpoint: { ms: 102, cpu: 4 },
    add: { ms: 532, cpu: 1_147 },
    remove: { ms: 595, cpu: 887 },
    timeout: { ms: 466, cpu: 704 },
    reconnect: { ms: 4_500, cpu: 8_600 },
    rss: { steady: 902, peak: 1_062 },
  },
  'c10k P=200': {
    cold: { ms: 15_200, cpu: 28_800 },
    wire: 365,
    endpoint: { ms: 104, cpu: 7 },
    add: { ms: 994, cpu: 1_664 },
    remove: { ms: 1_215, cpu: 2_150 },
    timeout: { ms: 865, cpu: 1_599 },
    reconnect: { ms: 16_000, cpu: 31_000 },
    rss: { steady: 1_085, peak: 1_517 },
  },
  'c1kns P=200': {
    ready: { ms: 900, cpu: 1_000, rss: 173 },
    cold: { ms: 24_000, cpu: 45_000 },
    wire: 606,
    endpoint: { ms: 119, cpu: 35 },
    add: { ms: 14_581, cpu: 27_088 },
    remove: { ms: 14_471, cpu: 26_734 },
    timeout: { ms: 16_165, cpu: 30_132 },
    reconnect: { ms: 20_000, cpu: 38_000 },
    rss: { steady: 731, peak: 1_538 },
  },
};

/**
 * The figures with those of a JSON file laid over them, line by line, in the same shape: machines differ by a factor of two, so
 * that a ratio is worth more where istiod was measured on the same one. Throws if the file names a load that there is not.
 */
export function figuresFrom(file: string | undefined): IstiodFigures {
  if (file === undefined) return istiod;
  const given = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Partial<IstiodRow>>>;
  const unknown = Object.keys(given).filter((load) => istiod[load] === undefined);
  if (unknown.length > 0) throw new Error(`no load is called ${unknown.join(', ')}; there are ${Object.keys(istiod).join(', ')}`);
  return Object.fromEntries(Object.entries(istiod).map(([load, row]) => [load, { ...row, ...given[load] }]));
}
