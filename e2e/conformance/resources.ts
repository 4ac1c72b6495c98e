import { openVector } from 'sallyport/pipeline/vector.ts';
import type { Wanted } from './calls.ts';
import { compareDump, compareNames, readDumps, SECTIONS } from './dumps.ts';
import type { Json } from './vectors.ts';
import { type Part, partOf, type Verdict } from './verdict.ts';

/** Every resource and name table of `dumps/` beside the one from the real pipeline. */
export function* runDumps(wanted: Wanted): Generator<Verdict> {
  for (const { content: dump } of readDumps()) {
    const prefix = `dumps/${dump.scenario}/${dump.run}/`;
    if (!wanted(prefix)) continue;
    const { value: resources, issues } = openVector(dump).generate(dump.proxy);
    if (resources === undefined) throw new Error(`the proxy of ${prefix} is refused: ${JSON.stringify(issues)}`);
    // `generate` gives canonical JSON; its type knows more than the comparison asks for.
    const ours = resources as unknown as Parameters<typeof compareDump>[1];
    const verdicts: Verdict[] = [];
    const told = new Map<string, readonly string[]>();
    const tallies = compareDump(dump, ours, (section, name, found) => told.set(`${section}/${name}`, found));
    for (const [place, gate1] of told) {
      verdicts.push({ id: prefix + place, folder: 'dumps', part: partOfResource(dump.proxy, place), gate1, gate2: [] });
    }
    for (const section of SECTIONS) {
      for (const name of equalNames(dump[section], section, told, tallies[section].equal)) {
        const place = `${section}/${name}`;
        verdicts.push({ id: prefix + place, folder: 'dumps', part: partOfResource(dump.proxy, place), gate1: [], gate2: [] });
      }
    }
    verdicts.push({ id: `${prefix}nameTable`, folder: 'dumps', part: 'names', gate1: [], gate2: compareNames(dump, ours) });
    yield* verdicts;
  }
}

/** Names of the resources that were found equal: whatever the dump has and nobody told of. */
function equalNames(theirs: readonly Json[], section: string, told: ReadonlyMap<string, unknown>, count: number): string[] {
  const names = theirs
    .map((r) => String((r as Readonly<Record<string, Json>>)[section === 'endpoints' ? 'clusterName' : 'name']))
    .filter((name) => !told.has(`${section}/${name}`));
  if (names.length !== count) throw new Error(`${section}: ${count} resources are equal, but ${names.length} were not told of`);
  return names;
}

function partOfResource(proxy: Readonly<Record<string, unknown>>, place: string): Part {
  return partOf(proxy, /^(clusters\/(inbound\||InboundPassthrough)|listeners\/virtualInbound$)/.test(place));
}
