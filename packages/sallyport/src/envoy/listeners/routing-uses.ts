import { type Collection, type Graph, type Index, type Read, structural } from '../../collection/index.ts';
import { importedKey, scopedKey, type VisibleService } from '../../model/index.ts';
import type { EnvoyInputs } from '../types.ts';
import type { ClassFacts } from './facts.ts';
import {
  destinationOf,
  type ImportedL4,
  importedL4,
  l4Of,
  placeOfAll,
  placesForHost,
  placesOfL4,
  type RoutingUse,
  routingUses,
} from './l4-routing.ts';

/** The VirtualServices with tcp or tls routes. Most have HTTP routes only; they cost one index entry for each import and no row. */
export interface L4Tables {
  readonly imports: Collection<ImportedL4>;
  readonly at: Index<ImportedL4>;
}

export function buildL4(graph: Graph, { routings, imported }: EnvoyInputs): L4Tables {
  const importsOf = graph.index('imports by virtual service', imported, ({ routing }) => [routing]);
  const l4 = graph.derive(
    'l4 routings',
    routings,
    (routing, key) => {
      const found = l4Of(routing, key);
      return found === undefined ? [] : [[key, found]];
    },
    structural,
  );
  const imports = graph.derive(
    'imported l4 routings',
    l4,
    (routing, key, read) =>
      [...read.lookup(importsOf, key)].map((at) => {
        const row = importedL4(routing, read.get(imported, at)!);
        return [importedKey(row), row] as const;
      }),
    structural,
  );
  return { imports, at: graph.index('l4 routings by place', imports, placesOfL4) };
}

/** Of each egress listener whether it imports any: thousands of services need not ask for what is never there. */
export function asksL4({ at }: L4Tables, of: string, egress: number, read: Read): readonly boolean[] {
  return Array.from({ length: egress }, (_, n) => read.lookup(at, placeOfAll(of, n)).size > 0);
}

/** The VirtualServices that speak of a visible service, as its class sees them. */
export function usesOf(
  { imports, at }: L4Tables,
  { scoped, services }: EnvoyInputs,
  row: VisibleService,
  facts: ClassFacts,
  read: Read,
): readonly RoutingUse[] {
  if (!facts.asksL4[row.egress]) return [];
  const keys = placesForHost(row.class, row.egress, row.host).flatMap((place) => [...read.lookup(at, place)]);
  const candidates = keys.map((key) => read.get(imports, key)).filter((candidate) => candidate !== undefined);
  return routingUses(row.host, candidates, facts, (host) => {
    const found = read.get(scoped, scopedKey({ class: row.class, host }));
    return found && destinationOf(found, read.get(services, found.services[0] ?? ''));
  });
}
