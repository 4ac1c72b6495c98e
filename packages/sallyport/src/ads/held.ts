import { type Bundled, linkKey } from '../model/index.ts';
import type { ResourceTable } from './view.ts';

/** Every resource of this type that some class has, with its class. */
export function* everythingHeld({ type, links, bundles }: ResourceTable): Generator<readonly [string, Bundled]> {
  for (const [, { class: of, name, target }] of links.entries()) yield [of, { name, key: target }];
  if (bundles === undefined) return;
  for (const [, { class: of, bundle }] of bundles.links.entries())
    for (const item of bundles.rows.get(bundle)?.[type] ?? []) yield [of, item];
}

/** The resources of this type that a class has: their names, and their row keys. Looks at every link. */
export function* resourcesHeld(table: ResourceTable, classId: string): Generator<Bundled> {
  const { type, links, bundles } = table;
  for (const [, link] of links.entries()) if (link.class === classId) yield { name: link.name, key: link.target };
  if (bundles === undefined) return;
  for (const [, link] of bundles.links.entries()) if (link.class === classId) yield* bundles.rows.get(link.bundle)?.[type] ?? [];
}

/** Row key of the resource that a class has under this name. */
export function keyHeld(table: ResourceTable, classId: string, name: string): string | undefined {
  const direct = table.links.get(linkKey({ class: classId, type: table.type, name }));
  if (direct !== undefined) return direct.target;
  for (const held of resourcesHeld(table, classId)) if (held.name === name) return held.key;
  return undefined;
}
