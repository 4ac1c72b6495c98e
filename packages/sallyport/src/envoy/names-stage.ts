import { type Collection, type Graph, structural } from '../collection/index.ts';
import { poolKey, visibleKey } from '../model/index.ts';
import { versionOf } from './encode.ts';
import { namesOf } from './names/host-names.ts';
import { buildRowTables } from './names/row-tables.ts';
import { type AnsweringClass, type ClassSight, hostSight, type Seen, sightOf } from './names/sight.ts';
import { type EncodedName, encodeName, onePerName } from './names/table.ts';
import { buildWholeTables } from './names/whole-tables.ts';
import type { EnvoyInputs, ResourceTable } from './types.ts';

/**
 * The names of proxies whose agents answer DNS (spec/istio.md 3.3): (class, host) → what the host is seen as, each once
 * → its lines, encoded → tables, whole or by row as the agent can take them. Of the endpoints only those of headless hosts are
 * read. Routers that answer DNS have a table without lines, as Istio's do.
 */
export function buildNames(graph: Graph, inputs: EnvoyInputs): readonly ResourceTable[] {
  const { services, visible, pools } = inputs;
  const answering: Collection<AnsweringClass> = graph.derive(
    'names.classes',
    inputs.classes,
    (proxies, id, read) => {
      if (!proxies.traits.dnsCapture) return [];
      const listeners = proxies.role === 'router' ? 0 : (read.get(inputs.scopes, id)?.egress.length ?? 0);
      return [[id, { sight: sightOf(proxies), listeners, rows: proxies.traits.nameRows === true }]];
    },
    structural,
  );
  const servicesOf = graph.index('names.servicesOfHosts', services, ({ host }) => [host]);
  const sights: Collection<ClassSight> = graph.derive(
    'names.sights',
    inputs.scoped,
    ({ class: of, host }, _, read) => {
      const by = read.get(answering, of);
      if (by === undefined || by.listeners === 0) return [];
      const seen: Seen[] = [];
      for (const service of read.lookup(servicesOf, host))
        for (let egress = 0; egress < by.listeners; egress++) {
          const row = read.get(visible, visibleKey({ class: of, egress, service }));
          if (row !== undefined) seen.push(row);
        }
      if (seen.length === 0) return [];
      const row = { class: of, host: hostSight(host, seen, by.sight), rows: by.rows };
      return [[`${of}\n${row.host.key}`, row]];
    },
    // The key says it all.
    () => true,
  );
  const hosts = graph.distinct('names.hosts', sights, ({ host }) => [[host.key, host]]);
  const lines: Collection<readonly EncodedName[]> = graph.derive(
    'names.lines',
    hosts,
    (host, key, read) => {
      const names = namesOf(host, {
        service: (of) => read.get(services, of),
        pool: (service) => read.get(pools, poolKey(service)),
        acrossClusters: true,
      });
      return names.length === 0 ? [] : [[key, onePerName(names.map(encodeName))]];
    },
    sameLines,
  );

  return [buildWholeTables(graph, answering, sights, lines), buildRowTables(graph, sights, lines)];
}

function sameLines(a: readonly EncodedName[], b: readonly EncodedName[]): boolean {
  return (
    a.length === b.length && a.every(({ host, info }, i) => host === b[i]!.host && versionOf(info) === versionOf(b[i]!.info))
  );
}
