import { type Collection, type Graph, type Index, type Read, structural } from '../collection/index.ts';
import { type ClassScope, MESH, type ProxyClass, type SidecarObject } from '../model/index.ts';
import { type Importer, type Imports, importerOf, importPlaces, importsOf } from './imports.ts';
import { rowsAt } from './rows-at.ts';
import { chooseSidecar, egressOf, scopeOf } from './sidecar.ts';
import type { ScopeInputs } from './types.ts';

export interface ImporterTables {
  /** By class id. */
  readonly scopes: Collection<ClassScope>;
  /** By importer id, as the next. */
  readonly importers: Collection<Importer>;
  readonly imports: Collection<Imports>;
  /** Class ids by importer id. */
  readonly classesOf: Index<Importer>;
  /** Ids of those who stand at one of these places of `importPlaces`, each once. */
  readonly importersAmong: (read: Read, places: Iterable<string>) => readonly string[];
  /** Sidecars by namespace. */
  readonly sidecarsIn: Index<SidecarObject>;
}

/** Classes → the Sidecar that applies → importers, which all classes share that import the same. */
export function buildImporters(graph: Graph, { mesh, sidecars }: ScopeInputs, classes: Collection<ProxyClass>): ImporterTables {
  const sidecarsIn = graph.index('scope.sidecars-in', sidecars, ({ key }) => [key.namespace]);
  const scopes = graph.derive(
    'scope.scopes',
    classes,
    (row, id, read) => {
      const settings = read.get(mesh, MESH);
      if (settings === undefined) return [];
      const own = rowsAt(read, sidecars, read.lookup(sidecarsIn, row.namespace));
      const root = rowsAt(read, sidecars, read.lookup(sidecarsIn, settings.rootNamespace));
      return [[id, scopeOf(row, chooseSidecar(row, own, root), settings)]];
    },
    structural,
  );
  const membership = graph.derive(
    'scope.membership',
    scopes,
    (scope, id, read) => {
      const row = read.get(classes, id);
      return row === undefined ? [] : [[id, importerOf(row, scope)]];
    },
    structural,
  );
  const importers = graph.distinct('scope.importers', membership, (importer) => [[importer.id, importer]]);
  const imports = graph.derive(
    'scope.imports',
    importers,
    (importer, id, read) => {
      const sidecar = importer.sidecar === undefined ? undefined : read.get(sidecars, importer.sidecar);
      return [[id, importsOf(importer, egressOf(sidecar))]];
    },
    structural,
  );
  const importersAt = graph.index('scope.importers-at', imports, importPlaces);
  const importersAmong = (read: Read, places: Iterable<string>) => {
    const found = new Set<string>();
    for (const place of new Set(places)) for (const id of read.lookup(importersAt, place)) found.add(id);
    return [...found];
  };
  const classesOf = graph.index('scope.classes-of', membership, (importer) => [importer.id]);
  return { scopes, importers, imports, classesOf, importersAmong, sidecarsIn };
}
