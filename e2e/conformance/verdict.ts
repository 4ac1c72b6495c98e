export const FOLDERS = ['simulation', 'scenarios', 'dumps', 'names'] as const;
export type Folder = (typeof FOLDERS)[number];

/** Which part of the product a vector asks for. */
export type Part = 'inbound' | 'gateway' | 'outbound' | 'names';

/** How one vector compares with what we give. */
export interface Verdict {
  /**
   * `simulation/<file>/<case>/<item>`, `scenarios/<scenario>/<run>/<call>`, `dumps/<scenario>/<run>/<section>/<resource>`,
   * `names/<file>/<case>`. A name table is the call `nameTable` of a run, in a dump it stands in the place of a section.
   */
  readonly id: string;
  readonly folder: Folder;
  readonly part: Part;
  /** Differing fields that change behaviour, and those that only change names. */
  readonly gate1: readonly string[];
  readonly gate2: readonly string[];
  /** Fields that Istio’s own test pins down and that differ; absent where there is no such test. */
  readonly asserted?: readonly string[];
  /** What the pipeline refuses of the configuration: the likely cause of a difference. */
  readonly refused?: readonly string[];
  /** What was measured and what we give, for reading. */
  readonly expected?: unknown;
  readonly actual?: unknown;
}

export const differs = ({ gate1, gate2 }: Verdict): boolean => gate1.length + gate2.length > 0;

/** The part a call belongs to. */
export function partOf(proxy: Readonly<Record<string, unknown>>, inbound: boolean): Part {
  if (inbound) return 'inbound';
  return proxy['type'] === 'router' ? 'gateway' : 'outbound';
}
