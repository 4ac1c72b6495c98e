import type { Collection, Commit, Diff, Graph, Index } from '../collection/index.ts';
import type { Bundle, Bundled, BundleLink, Resource, ResourceLink, ResourceType } from '../model/index.ts';
import { type Changes, Noted } from './changes.ts';
import { everythingHeld, keyHeld } from './held.ts';
import { Shelf } from './shelf.ts';
import { type Shelves, urlOf, type WITHHELD } from './types.ts';

/** Which class has which bundle, and what is in it. */
export interface Bundles {
  readonly links: Collection<BundleLink>;
  /** By `BundleLink.bundle`. */
  readonly rows: Collection<Bundle>;
}

/** Resources of one type, and which class has which. The same shape as `envoy/` gives; stages do not import each other. */
export interface ResourceTable {
  readonly type: ResourceType;
  /** By `linkKey`. The name of a link is the name of its resource. */
  readonly links: Collection<ResourceLink>;
  /** Further resources, many at a time. */
  readonly bundles?: Bundles;
  /** By `ResourceLink.target`, or `Bundled.key`. */
  readonly resources: Collection<Resource>;
  /** What a proxy gets that asks for a name which is not there, where "there is none" would leave it waiting. */
  readonly placeholder?: (name: string) => Resource;
}

interface Joined {
  readonly url: string;
  readonly table: ResourceTable;
  /** Link keys by the resource they point at. */
  readonly byTarget: Index<ResourceLink>;
  /** Bundle keys by the resources in them. */
  readonly bundlesWith: Index<Bundle> | undefined;
}

const NO_NAMES: readonly string[] = [];
const NOTHING: readonly Bundled[] = [];

/** What every class is to have, kept up to date from the diffs of each commit: an update costs what it changes. */
export class View {
  readonly #tables: readonly Joined[];
  /** Keys of bundle links by bundle; tables of several types may share them. */
  readonly #holders = new Map<Bundles, Index<BundleLink>>();
  readonly #classes = new Map<string, Map<string, Shelf>>();

  constructor(graph: Graph, tables: readonly ResourceTable[]) {
    this.#tables = tables.map((table) => {
      const { type, links, bundles } = table;
      if (bundles !== undefined && !this.#holders.has(bundles))
        this.#holders.set(
          bundles,
          graph.index('ads holders of bundles', bundles.links, ({ bundle }) => [bundle]),
        );
      return {
        url: urlOf[type],
        table,
        byTarget: graph.index(`ads links by ${type}`, links, (link) => [link.target]),
        bundlesWith:
          bundles &&
          graph.index(`ads bundles by ${type}`, bundles.rows, (bundle) => (bundle[type] ?? NOTHING).map(({ key }) => key)),
      };
    });
    for (const { url, table } of this.#tables)
      for (const [classId, { name, key }] of everythingHeld(table)) this.#put(classId, url, name, table.resources.get(key));
  }

  /** The shelves of one class. The answer stays valid, also for a class that has nothing yet. */
  of(classId: string): Shelves {
    return {
      lookup: (url, name) => this.lookup(classId, url, name),
      names: (url) => this.#classes.get(classId)?.get(url)?.names() ?? NO_NAMES,
      placeholder: (url, name) => this.#tables.find((joined) => joined.url === url)?.table.placeholder?.(name),
    };
  }

  lookup(classId: string, url: string, name: string): Resource | typeof WITHHELD | undefined {
    return this.#classes.get(classId)?.get(url)?.lookup(name);
  }

  /** Row key of a resource in its collection, for asking the graph why it is there. */
  targetOf(classId: string, type: ResourceType, name: string): string | undefined {
    const joined = this.#tables.find(({ table }) => table.type === type);
    return joined && keyHeld(joined.table, classId, name);
  }

  /** Takes over what a commit changed. To be called once for each commit, inside it. */
  apply(commit: Commit): Changes {
    const changes = new Noted();
    for (const joined of this.#tables) {
      const { url, table } = joined;
      this.#noteLinks(commit, joined, changes);
      if (table.bundles !== undefined) this.#noteBundles(commit, joined, table.bundles, changes);
      for (const [classId, types] of changes.byClass)
        for (const [name, key] of types.get(url) ?? [])
          this.#put(classId, url, name, key === undefined ? undefined : table.resources.get(key));
    }
    return changes.byClass;
  }

  #noteLinks(commit: Commit, { url, table: { links, resources }, byTarget }: Joined, changes: Noted): void {
    for (const { before, after } of commit.diff(links).values()) {
      if (before !== undefined) changes.gone(before.class, url, [before]);
      if (after !== undefined) changes.present(after.class, url, [itemOf(after)]);
    }
    for (const target of commit.diff(resources).keys()) {
      for (const key of byTarget.at(target)) {
        const link = links.get(key);
        if (link !== undefined) changes.present(link.class, url, [itemOf(link)]);
      }
    }
  }

  /** Of a bundle that changed all is told to all who hold it, so that neither its links nor its resources need a look. */
  #noteBundles(commit: Commit, { url, table, bundlesWith }: Joined, bundles: Bundles, changes: Noted): void {
    const { type, resources } = table;
    const rows = commit.diff(bundles.rows);
    const presentIn = (bundle: string): readonly Bundled[] => bundles.rows.get(bundle)?.[type] ?? NOTHING;
    for (const { before, after } of commit.diff(bundles.links).values()) {
      if (before !== undefined) changes.gone(before.class, url, contentBefore(before.bundle, type, rows, bundles));
      if (after !== undefined && !rows.has(after.bundle)) changes.present(after.class, url, presentIn(after.bundle));
    }
    for (const [bundle, { before }] of rows)
      for (const classId of this.#holdersOf(bundle, bundles)) {
        changes.gone(classId, url, before?.[type] ?? NOTHING);
        changes.present(classId, url, presentIn(bundle));
      }
    for (const target of commit.diff(resources).keys())
      for (const bundle of bundlesWith?.at(target) ?? []) {
        if (rows.has(bundle)) continue;
        const items = presentIn(bundle).filter(({ key }) => key === target);
        for (const classId of this.#holdersOf(bundle, bundles)) changes.present(classId, url, items);
      }
  }

  #holdersOf(bundle: string, bundles: Bundles): string[] {
    const keys = this.#holders.get(bundles)?.at(bundle) ?? [];
    return Array.from(keys, (key) => bundles.links.get(key)?.class).filter((of) => of !== undefined);
  }

  /** Withholds a version from a class; false when it is not in force there any more. */
  refuse(classId: string, url: string, name: string, version: string): boolean {
    return this.#classes.get(classId)?.get(url)?.refuse(name, version) ?? false;
  }

  /** What is withheld now. */
  *refused(): Generator<{ readonly class: string; readonly url: string; readonly name: string; readonly version: string }> {
    for (const [classId, shelves] of this.#classes) {
      for (const [url, shelf] of shelves) {
        for (const [name, { version }] of shelf.refused()) yield { class: classId, url, name, version };
      }
    }
  }

  /** Lets go of earlier versions that nobody rejected since the last but one call. */
  age(): void {
    for (const shelves of this.#classes.values()) for (const shelf of shelves.values()) shelf.age();
  }

  #put(classId: string, url: string, name: string, resource: Resource | undefined): void {
    let shelves = this.#classes.get(classId);
    if (shelves === undefined) {
      if (resource === undefined) return;
      shelves = new Map();
      this.#classes.set(classId, shelves);
    }
    let shelf = shelves.get(url);
    if (shelf === undefined) {
      shelf = new Shelf();
      shelves.set(url, shelf);
    }
    shelf.put(name, resource);
    if (shelf.size === 0) shelves.delete(url);
    if (shelves.size === 0) this.#classes.delete(classId);
  }
}

const itemOf = ({ name, target }: ResourceLink): Bundled => ({ name, key: target });

/** What a bundle held before the commit. */
function contentBefore(bundle: string, type: ResourceType, changed: Diff<Bundle>, { rows }: Bundles): readonly Bundled[] {
  const change = changed.get(bundle);
  return (change === undefined ? rows.get(bundle) : change.before)?.[type] ?? NOTHING;
}
