import { type Collection, type Graph, structural } from '../collection/index.ts';
import { contentHash } from '../lib/hash.ts';
import { compareText, linkKey, poolKey, type ResourceLink, visibleKey } from '../model/index.ts';
import { versionOf } from './encode.ts';
import { namesOf } from './names/host-names.ts';
import { hostSight, type Seen, sightOf } from './names/sight.ts';
import { type EncodedName, encodeName, NAME_TABLE, nameTable } from './names/table.ts';
import type { EnvoyInputs, ResourceTable } from './types.ts';

/**
 * The name tables of proxies whose agents answer DNS (spec/istio.md 3.3): (class, host) → what the host is seen as, each once
 * → its lines, encoded → a table for each different list. Of the endpoints only those of headless hosts are read. Routers
 * that answer DNS have a table without lines, as Istio's do.
 */
export function buildNames(graph: Graph, inputs: EnvoyInputs): ResourceTable {
  const { services, visible, pools } = inputs;
  const answering = graph.derive(
    'names.classes',
    inputs.classes,
    (proxies, id, read) => {
      if (!proxies.traits.dnsCapture) return [];
      const listeners = proxies.role === 'router' ? 0 : (read.get(inputs.scopes, id)?.egress.length ?? 0);
      return [[id, { sight: sightOf(proxies), listeners }]];
    },
    structural,
  );
  const servicesOf = graph.index('names.servicesOfHosts', services, ({ host }) => [host]);
  const sights = graph.derive(
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
      const row = { class: of, host: hostSight(host, seen, by.sight) };
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
      return names.length === 0 ? [] : [[key, names.map(encodeName)]];
    },
    sameLines,
  );

  const sightsOf = graph.index('names.sightsOfClasses', sights, (row) => [row.class]);
  const lists = graph.derive(
    'names.lists',
    answering,
    (_, id, read) => {
      // The keys of the rows say enough; reading each row would cost more than all the rest.
      const keys = [...read.lookup(sightsOf, id)].map((of) => of.slice(id.length + 1)).sort(compareText);
      return [[id, { class: id, key: contentHash(keys.join('\n')), hosts: keys }]];
    },
    (a, b) => a.key === b.key,
  );
  const distinctLists = graph.distinct('names.distinctLists', lists, ({ key, hosts: keys }) => [[key, keys]]);
  const resources = graph.derive(
    'names.tables',
    distinctLists,
    (keys, key, read) => [[key, nameTable(keys.flatMap((of) => read.get(lines, of) ?? []))]],
    (a, b) => a.version === b.version,
  );
  const links = graph.derive(
    'names.links',
    lists,
    ({ class: of, key }) => {
      const link: ResourceLink = { class: of, type: 'nameTable', name: NAME_TABLE, target: key };
      return [[linkKey(link), link]];
    },
    structural,
  );
  return { type: 'nameTable', links, resources };
}

function sameLines(a: readonly EncodedName[], b: readonly EncodedName[]): boolean {
  return a.length === b.length && a.every(({ bytes }, i) => versionOf(bytes) === versionOf(b[i]!.bytes));
}
