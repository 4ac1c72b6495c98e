import { type ProxyClass, poolKey, type Resource, type VisibleService } from '../../model/index.ts';
import type { EnvoyInputs } from '../types.ts';
import { type NameEntry, namesOf } from './host-names.ts';
import { hostSight, sightOf } from './sight.ts';
import { encodeName, nameTable } from './table.ts';

/**
 * The name table that a class would have if its proxies answered DNS, made in one go from the rows there are: for those who
 * only look, so that proxies that never ask cost nothing (spec/istio.md 3.3). Istio makes one for every sidecar that asks.
 */
export function nameTableOf(
  proxies: ProxyClass,
  rows: Pick<EnvoyInputs, 'visible' | 'services' | 'pools'>,
  acrossClusters = true,
): Resource {
  const byHost = new Map<string, VisibleService[]>();
  for (const [, row] of proxies.role === 'router' ? [] : rows.visible.entries()) {
    if (row.class !== proxies.id) continue;
    const present = byHost.get(row.host);
    if (present === undefined) byHost.set(row.host, [row]);
    else present.push(row);
  }
  const entries = [...byHost].flatMap(([host, seen]) => answersTo(host, seen, proxies, rows, acrossClusters));
  return nameTable(entries.map(encodeName));
}

/** What proxies of a class are answered for a host that they see in these rows: its lines of the name table. */
export function answersTo(
  host: string,
  seen: readonly VisibleService[],
  proxies: ProxyClass,
  rows: Pick<EnvoyInputs, 'services' | 'pools'>,
  acrossClusters = true,
): readonly NameEntry[] {
  return namesOf(hostSight(host, seen, sightOf(proxies)), {
    service: (key) => rows.services.get(key),
    pool: (service) => rows.pools.get(poolKey(service)),
    acrossClusters,
  });
}
