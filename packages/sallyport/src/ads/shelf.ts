import type { Resource } from '../model/index.ts';
import { WITHHELD } from './types.ts';

/**
 * The resources of one type that one class is to have. A version that a proxy rejected is withheld from the whole class: the
 * version before takes its place where it is still at hand; otherwise everybody keeps what they have. A new version ends that.
 */
export class Shelf {
  readonly #rows = new Map<string, Resource>();
  readonly #refused = new Map<string, { readonly version: string; readonly good: Resource | undefined }>();
  /** What lately changed rows were before: kept for one to two generations, in case the change is rejected. */
  #replaced = new Map<string, Resource>();
  #replacedEarlier = new Map<string, Resource>();
  #names: readonly string[] | undefined;

  get size(): number {
    return this.#rows.size;
  }

  put(name: string, resource: Resource | undefined): void {
    if (resource !== undefined && this.#refused.size === 0 && !this.#rows.has(name)) {
      this.#rows.set(name, resource);
      this.#names = undefined;
      return;
    }
    const before = this.lookup(name);
    if (resource === undefined) {
      this.#rows.delete(name);
      this.#replaced.delete(name);
      this.#replacedEarlier.delete(name);
      this.#refused.delete(name);
      this.#names = undefined;
      return;
    }
    if (!this.#rows.has(name)) this.#names = undefined;
    this.#rows.set(name, resource);
    if (this.#refused.get(name)?.version !== resource.version) this.#refused.delete(name);
    if (typeof before === 'object' && before.version !== resource.version) this.#replaced.set(name, before);
  }

  lookup(name: string): Resource | typeof WITHHELD | undefined {
    const row = this.#rows.get(name);
    if (this.#refused.size === 0 || row === undefined) return row;
    const refused = this.#refused.get(name);
    return refused === undefined ? row : (refused.good ?? WITHHELD);
  }

  names(): readonly string[] {
    this.#names ??= [...this.#rows.keys()];
    return this.#names;
  }

  /** Takes a version out of force; false when it is not in force now. */
  refuse(name: string, version: string): boolean {
    const current = this.lookup(name);
    if (typeof current !== 'object' || current.version !== version) return false;
    const row = this.#rows.get(name) as Resource;
    const earlier = this.#replaced.get(name) ?? this.#replacedEarlier.get(name);
    // The version before may be the one that is refused now, in the place of a refused one.
    this.#refused.set(name, { version: row.version, good: earlier?.version === version ? undefined : earlier });
    return true;
  }

  /** The versions withheld now, by name. */
  refused(): ReadonlyMap<string, { readonly version: string }> {
    return this.#refused;
  }

  /** Lets go of earlier versions that nobody rejected since the last but one call. */
  age(): void {
    this.#replacedEarlier = this.#replaced;
    this.#replaced = new Map();
  }
}
