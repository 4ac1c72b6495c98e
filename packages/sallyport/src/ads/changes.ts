import type { Bundled } from '../model/index.ts';

/** Names that a commit changed, with the row keys of what is there now: class → type URL → name → key. */
export type Changes = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, string | undefined>>>;

/** Names that a commit touched. A name that goes with one row and comes with another is there. */
export class Noted {
  readonly byClass = new Map<string, Map<string, Map<string, string | undefined>>>();

  gone(classId: string, url: string, items: readonly { readonly name: string }[]): void {
    if (items.length === 0) return;
    const names = this.#names(classId, url);
    for (const { name } of items) if (!names.has(name)) names.set(name, undefined);
  }

  present(classId: string, url: string, items: readonly Bundled[]): void {
    if (items.length === 0) return;
    const names = this.#names(classId, url);
    for (const { name, key } of items) names.set(name, key);
  }

  #names(classId: string, url: string): Map<string, string | undefined> {
    let types = this.byClass.get(classId);
    if (types === undefined) {
      types = new Map();
      this.byClass.set(classId, types);
    }
    let names = types.get(url);
    if (names === undefined) {
      names = new Map();
      types.set(url, names);
    }
    return names;
  }
}
