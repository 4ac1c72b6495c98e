import { type Graph, identical, type Read } from '../../collection/index.ts';
import { importedKey, scopedKey, type VisibleService } from '../../model/index.ts';
import type { EnvoyInputs } from '../types.ts';
import type { ClassFacts } from './facts.ts';
import { importedL4, l4Of, placeOfAll, placesOfL4, type RoutingUse } from './l4-routing.ts';
import { destinationOf, placesForHost, routingUses } from './visits.ts';

/** Finds the VirtualServices with tcp or tls routes that speak of a visible service, as its class sees them. */
export type FindUses = (row: VisibleService, facts: ClassFacts, read: Read) => readonly RoutingUse[];

/** Wires the look-up. Most VirtualServices have HTTP routes only; they cost one index entry for each import and no row. */
export function buildRoutingUses(graph: Graph, inputs: EnvoyInputs): FindUses {
  const { routings, imported, scoped, services, scopes } = inputs;
  const importsOf = graph.index('imports by virtual service', imported, ({ routing }) => [routing]);
  const l4 = graph.derive('l4 routings', routings, (routing, key) => {
    const found = l4Of(routing, key);
    return found === undefined ? [] : [[key, found]];
  });
  const l4Imports = graph.derive('imported l4 routings', l4, (routing, key, read) =>
    [...read.lookup(importsOf, key)].map((at) => {
      const row = importedL4(routing, read.get(imported, at)!);
      return [importedKey(row), row] as const;
    }),
  );
  const l4At = graph.index('l4 routings by place', l4Imports, placesOfL4);
  // One row says whether there is anything to look for, so that thousands of services do not each ask for what is never there.
  const present = graph.derive(
    'l4 routings present',
    scopes,
    ({ class: of, egress }, _, read) =>
      egress.flatMap((_, n) => (read.lookup(l4At, placeOfAll(of, n)).size > 0 ? [[placeOfAll(of, n), true] as const] : [])),
    identical,
  );

  return (row, facts, read) => {
    if (!read.get(present, placeOfAll(row.class, row.egress))) return [];
    const keys = placesForHost(row.class, row.egress, row.host).flatMap((place) => [...read.lookup(l4At, place)]);
    const candidates = keys.map((key) => read.get(l4Imports, key)).filter((candidate) => candidate !== undefined);
    return routingUses(row.host, candidates, facts, (host) => {
      const found = read.get(scoped, scopedKey({ class: row.class, host }));
      return found && destinationOf(found, read.get(services, found.services[0] ?? ''));
    });
  };
}
