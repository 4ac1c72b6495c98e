import type { Collection, Commit, Graph, Index } from '../collection/index.ts';
import { linkKey, type Resource, type ResourceLink, type ResourceType } from '../model/index.ts';
import { Shelf } from './shelf.ts';
import { type Shelves, urlOf, type WITHHELD } from './types.ts';

/** Resources of one type, and which class has which. The same shape as `envoy/` gives; stages do not import each other. */
export interface ResourceTable {
  readonly type: ResourceType;
  /** By `linkKey`. The name of a link is the name of its resource. */
  readonly links: Collection<ResourceLink>;
  /** By `ResourceLink.target`. */
  readonly resources: Collection<Resource>;
  /** What a proxy gets that asks for a name which is not there, where "there is none" would leave it waiting. */
  readonly placeholder?: (name: string) => Resource;
}

/** Names that a commit changed: class → type URL → names. */
export type Changes = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

interface Joined {
  readonly url: string;
  readonly table: ResourceTable;
  /** Link keys by the resource they point at. */
  readonly byTarget: Index<ResourceLink>;
}

const NO_NAMES: readonly string[] = [];

/** What every class is to have, kept up to date from the diffs of each commit: an update costs what it changes. */
export class View {
  readonly #tables: readonly Joined[];
  readonly #classes = new Map<string, Map<string, Shelf>>();

  constructor(graph: Graph, tables: readonly ResourceTable[]) {
    this.#tables = tables.map((table) => ({
      url: urlOf[table.type],
      table,
      byTarget: graph.index(`ads links by ${table.type}`, table.links, (link) => [link.target]),
    }));
    for (const { url, table } of this.#tables) {
      for (const [, link] of table.links.entries()) this.#put(link, url, table.resources.get(link.target));
    }
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
    return joined?.table.links.get(linkKey({ class: classId, type, name }))?.target;
  }

  /** Takes over what a commit changed. To be called once for each commit, inside it. */
  apply(commit: Commit): Changes {
    const changes = new Map<string, Map<string, Set<string>>>();
    for (const { url, table, byTarget } of this.#tables) {
      const touch = (key: string, link: ResourceLink): void => {
        const present = table.links.get(key);
        this.#put(link, url, present && table.resources.get(present.target));
        note(changes, link, url);
      };
      for (const [key, { before, after }] of commit.diff(table.links)) {
        const link = after ?? before;
        if (link !== undefined) touch(key, link);
      }
      for (const target of commit.diff(table.resources).keys()) {
        for (const key of byTarget.at(target)) {
          const link = table.links.get(key);
          if (link !== undefined) touch(key, link);
        }
      }
    }
    return changes;
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

  #put(link: ResourceLink, url: string, resource: Resource | undefined): void {
    let shelves = this.#classes.get(link.class);
    if (shelves === undefined) {
      if (resource === undefined) return;
      shelves = new Map();
      this.#classes.set(link.class, shelves);
    }
    let shelf = shelves.get(url);
    if (shelf === undefined) {
      shelf = new Shelf();
      shelves.set(url, shelf);
    }
    shelf.put(link.name, resource);
    if (shelf.size === 0) shelves.delete(url);
    if (shelves.size === 0) this.#classes.delete(link.class);
  }
}

function note(changes: Map<string, Map<string, Set<string>>>, link: ResourceLink, url: string): void {
  let types = changes.get(link.class);
  if (types === undefined) {
    types = new Map();
    changes.set(link.class, types);
  }
  const names = types.get(url);
  if (names === undefined) types.set(url, new Set([link.name]));
  else names.add(link.name);
}
