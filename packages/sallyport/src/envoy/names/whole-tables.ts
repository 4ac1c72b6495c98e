import { type Collection, type Graph, structural } from '../../collection/index.ts';
import { contentHash } from '../../lib/hash.ts';
import { compareText, linkKey, type ResourceLink } from '../../model/index.ts';
import type { ResourceTable } from '../types.ts';
import type { AnsweringClass, ClassSight } from './sight.ts';
import { type EncodedName, NAME_TABLE, nameTable } from './table.ts';

/**
 * Istio's form, one resource with every line: a table for each different list of hosts. A change of one line sends the table whole, which is
 * why agents that can are sent rows.
 */
export function buildWholeTables(
  graph: Graph,
  answering: Collection<AnsweringClass>,
  sights: Collection<ClassSight>,
  lines: Collection<readonly EncodedName[]>,
): ResourceTable {
  const sightsOf = graph.index('names.sightsOfClasses', sights, (row) => (row.rows ? [] : [row.class]));
  const lists = graph.derive(
    'names.lists',
    answering,
    ({ rows }, id, read) => {
      if (rows) return [];
      // The keys of the rows say enough; reading each row would cost more than all the rest.
      const keys = [...read.lookup(sightsOf, id)].map((of) => of.slice(id.length + 1)).sort(compareText);
      return [[id, { class: id, key: contentHash(keys.join('\n')), hosts: keys }]];
    },
    (a, b) => a.key === b.key,
  );
  const distinctLists = graph.distinct('names.distinctLists', lists, ({ key, hosts }) => [[key, hosts]]);
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
