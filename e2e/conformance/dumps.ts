import { differences, normalise } from './normalise.ts';
import { type Dump, type Json, readVectors } from './vectors.ts';

/** What `generate` gives for a proxy. */
export interface Generated {
  readonly listeners: readonly Json[];
  readonly clusters: readonly Json[];
  readonly routes: readonly Json[];
  readonly endpoints: readonly Json[];
  readonly nameTable: Readonly<Record<string, Json>>;
}

export interface Tally {
  equal: number;
  different: number;
}

export const SECTIONS = ['listeners', 'clusters', 'routes', 'endpoints'] as const;
export type Section = (typeof SECTIONS)[number];

const nameIn = (section: Section, resource: Json): string =>
  String((resource as Record<string, Json>)[section === 'endpoints' ? 'clusterName' : 'name']);

/** Compares everything istiod made with everything we make; resources that only one side has count as different. */
export function compareDump(
  dump: Dump,
  ours: Generated,
  tell: (section: Section, name: string, found: readonly string[]) => void,
): Record<Section, Tally> {
  const tallies = {} as Record<Section, Tally>;
  for (const section of SECTIONS) {
    const theirs = new Map(dump[section].map((r) => [nameIn(section, r), normalise(r)]));
    const mine = new Map(ours[section].map((r) => [nameIn(section, r), normalise(r)]));
    // The dump holds only the route configurations that listeners refer to; further ones are never asked for.
    const names =
      section === 'routes' || section === 'endpoints' ? [...theirs.keys()] : [...new Set([...theirs.keys(), ...mine.keys()])];
    const tally: Tally = { equal: 0, different: 0 };
    for (const name of names) {
      const found = differences(mine.get(name), theirs.get(name));
      if (found.length === 0) tally.equal += 1;
      else {
        tally.different += 1;
        tell(section, name, found);
      }
    }
    tallies[section] = tally;
  }
  return tallies;
}

/** Where two name tables differ: hosts, or what stands there. */
export function compareNames(dump: Dump, ours: Generated): readonly string[] {
  return differences(normalise(ours.nameTable), normalise(dump.nameTable), '.nameTable');
}

export function readDumps(): readonly { readonly file: string; readonly content: Dump }[] {
  return readVectors<Dump>('dumps');
}
