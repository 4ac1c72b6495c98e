import { type Collection, type Graph, structural } from '../collection/index.ts';
import { type ImportedRouting, importedKey } from '../model/index.ts';
import type { ImporterTables } from './importer-tables.ts';
import { placesOfRouting } from './imports.ts';
import { headOfRouting, importsOfRouting, type RoutingHead } from './routing-import.ts';
import { rowsAt } from './rows-at.ts';
import type { ScopeInputs } from './types.ts';

/** VirtualServices of the mesh without what is of no concern here; by row key of the routing. */
export function buildRoutingHeads(graph: Graph, { routings }: ScopeInputs): Collection<RoutingHead> {
  return graph.derive(
    'scope.routing-heads',
    routings,
    (routing, key) => {
      const head = headOfRouting(routing, key);
      return head === undefined ? [] : [[key, head]];
    },
    structural,
  );
}

/** VirtualServices → who imports them → rows of their classes. */
export function buildImported(
  graph: Graph,
  heads: Collection<RoutingHead>,
  { imports, importersAmong, classesOf }: ImporterTables,
): Collection<ImportedRouting> {
  const byImporter = graph.derive(
    'scope.routing-imports',
    heads,
    (head, key, read) =>
      rowsAt(read, imports, importersAmong(read, placesOfRouting(head.namespace, head.hosts))).flatMap((importer) =>
        importsOfRouting(head, importer).map(({ egress, rank }) => {
          const row = { importer: importer.id, egress, routing: key, hosts: head.hosts, rank };
          return [`${importer.id}\n${egress}\n${key}`, row] as const;
        }),
      ),
    structural,
  );
  return graph.derive(
    'scope.imported',
    byImporter,
    ({ importer, ...imported }, _, read) =>
      [...read.lookup(classesOf, importer)].map((id) => {
        const row = { class: id, ...imported };
        return [importedKey(row), row] as const;
      }),
    structural,
  );
}
