import { runScenarios, runSimulation, type Wanted } from './calls.ts';
import { type Difference, intendedBy } from './differences.ts';
import { runNames } from './names.ts';
import { runDumps } from './resources.ts';
import { differs, type Folder, type Part, type Verdict } from './verdict.ts';

const RUNNERS: Readonly<Record<Folder, (wanted: Wanted) => Iterable<Verdict> | AsyncIterable<Verdict>>> = {
  simulation: runSimulation,
  scenarios: runScenarios,
  dumps: runDumps,
  names: runNames,
};

/** Runs the vectors of some folders whose id contains `only`. */
export async function* runVectors(folders: readonly Folder[], only = ''): AsyncGenerator<Verdict> {
  // A filter may name a configuration or one call of it; the configuration has to run for both.
  const wanted: Wanted = (prefix) => prefix.includes(only) || only.startsWith(prefix);
  for (const folder of folders) {
    for await (const verdict of RUNNERS[folder](wanted)) if (verdict.id.includes(only)) yield verdict;
  }
}

export interface Count {
  agreeing: number;
  intended: number;
  disagreeing: number;
}

/** Agreement over one folder. */
export interface FolderSummary {
  readonly folder: Folder;
  /** Everything compared. */
  readonly all: Count;
  readonly gate1: Count;
  readonly gate2: Count;
  /** Only simulation: the fields that Istio’s own tests pin down. */
  readonly asserted?: Count;
  /** Disagreeing vectors by the part of the product they ask for. */
  readonly parts: Readonly<Record<Part, Count>>;
}

export interface Goal {
  readonly name: string;
  /** Share of agreeing and intended, 0 to 1. */
  readonly share: number;
  readonly least: number;
}

/** Adds verdicts up: agreeing, intended and disagreeing apart. */
export function summarise(verdicts: readonly Verdict[], differences: readonly Difference[]): readonly FolderSummary[] {
  const intended = intendedBy(differences);
  const empty = (): Count => ({ agreeing: 0, intended: 0, disagreeing: 0 });
  const summaries = new Map<Folder, FolderSummary>();
  for (const verdict of verdicts) {
    const { folder } = verdict;
    const summary = summaries.get(folder) ?? {
      folder,
      all: empty(),
      gate1: empty(),
      gate2: empty(),
      ...(folder === 'simulation' && { asserted: empty() }),
      parts: { outbound: empty(), inbound: empty(), gateway: empty(), names: empty() },
    };
    summaries.set(folder, summary);
    const count = (into: Count, different: boolean): void => {
      into[!different ? 'agreeing' : intended(verdict) === undefined ? 'disagreeing' : 'intended'] += 1;
    };
    count(summary.all, differs(verdict));
    // No call goes elsewhere because of a name table: it would only make the share of gate 1 look better.
    if (verdict.part !== 'names') count(summary.gate1, verdict.gate1.length > 0);
    count(summary.gate2, verdict.gate2.length > 0);
    count(summary.parts[verdict.part], differs(verdict));
    if (summary.asserted !== undefined) count(summary.asserted, (verdict.asserted ?? []).length > 0);
  }
  return [...summaries.values()];
}

/** What has to be reached before a release. */
export function goals(summaries: readonly FolderSummary[]): readonly Goal[] {
  const goal = (folder: Folder, name: string, of: (s: FolderSummary) => Count | undefined, least: number): Goal[] => {
    const summary = summaries.find((s) => s.folder === folder);
    const count = summary === undefined ? undefined : of(summary);
    return count === undefined ? [] : [{ name, share: shareOf(count), least }];
  };
  return [
    ...goal('simulation', 'simulation', (s) => s.all, 0.995),
    ...goal('simulation', 'simulation, asserted fields', (s) => s.asserted, 1),
    ...goal('scenarios', 'scenarios, gate 1', (s) => s.gate1, 0.995),
    ...goal('scenarios', 'scenarios, gate 2', (s) => s.gate2, 0.98),
    ...goal('dumps', 'dumps, resources', (s) => s.all, 0.97),
    ...goal('names', 'names', (s) => s.all, 1),
  ];
}

export const missed = ({ share, least }: Goal): boolean => share < least;

export const sizeOf = ({ agreeing, intended, disagreeing }: Count): number => agreeing + intended + disagreeing;

export function shareOf(count: Count): number {
  return sizeOf(count) === 0 ? 1 : (count.agreeing + count.intended) / sizeOf(count);
}
