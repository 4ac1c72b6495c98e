import type { BigIntStats } from 'node:fs';
import { glob, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, normalize } from 'node:path';
import { compareText, type Issue } from '../model/index.ts';
import { gone, unreadable } from './read-text.ts';

/** A file that belongs to the configuration. */
export interface FoundFile {
  /** As the user knows it. */
  readonly path: string;
  /** Which argument it came from. */
  readonly rank: number;
  readonly size: number;
  readonly modified: number;
  /** Changes whenever the file might have: device, inode, size and both times. */
  readonly stamp: string;
}

export interface Scan {
  /** By path, in order: by rank, then by path. */
  readonly files: Map<string, FoundFile>;
  readonly issues: readonly Issue[];
  /** What could not be looked at: a whole argument, or one path of it. Nothing there is known to be gone. */
  readonly blind: readonly Blind[];
  /** Directories to watch, as far as they exist now. */
  readonly directories: readonly string[];
}

/**
 * Looks again at single files of a scan, whose entries it brings up to date. Undefined if one of them is no longer what it was: then
 * everything has to be scanned.
 */
export async function restat(known: Scan, paths: ReadonlySet<string>): Promise<readonly FoundFile[] | undefined> {
  const files: FoundFile[] = [];
  for (const path of paths) {
    const before = known.files.get(path);
    const stats = await statOf(path);
    if (before === undefined || stats instanceof Error || !stats.isFile()) return undefined;
    const file = foundFile(path, before.rank, stats);
    known.files.set(path, file);
    files.push(file);
  }
  return files;
}

export interface Blind {
  readonly rank: number;
  /** Absent for a whole argument. */
  readonly path?: string;
}

/** Whether a file was out of sight in a scan, so that its absence says nothing. */
export function outOfSight(file: { readonly path: string; readonly rank: number }, blind: readonly Blind[]): boolean {
  return blind.some(
    ({ rank, path }) => rank === file.rank && (path === undefined || path === file.path || file.path.startsWith(`${path}/`)),
  );
}

const EXTENSION = /\.(?:ya?ml|json)$/i;
const GLOB = /[*?[\]{}]/;
const AT_ONCE = 64;

/** Names in a directory that belong to the configuration: not hidden, no editor's copy (`x~`, `#x#`, `.x.swp`, `4913`). */
function isConfigName(name: string): boolean {
  return !name.startsWith('.') && EXTENSION.test(name);
}

/**
 * Looks up what the arguments of `-f` stand for: files, directories with everything in them, globs. A file reached twice counts once.
 * `seen` are paths that existed before, which makes the difference between a typing error and a loss.
 */
export async function scan(
  source: string,
  places: readonly { readonly path: string; readonly rank: number }[],
  seen: ReadonlySet<string>,
): Promise<Scan> {
  const walk = new Walk(source, seen);
  for (const { path, rank } of places) await walk.argument(path, rank);
  return walk.result();
}

class Walk {
  readonly #source: string;
  readonly #seen: ReadonlySet<string>;
  readonly #found: FoundFile[] = [];
  readonly #issues: Issue[] = [];
  readonly #blind: Blind[] = [];
  readonly #directories: string[] = [];

  constructor(source: string, seen: ReadonlySet<string>) {
    this.#source = source;
    this.#seen = seen;
  }

  async argument(path: string, rank: number): Promise<void> {
    const stats = await statOf(path);
    if (stats instanceof Error) {
      if (GLOB.test(path)) await this.#glob(path, rank);
      else this.#lost({ rank }, path, stats);
    } else if (stats.isDirectory()) await this.#directory(path, rank, []);
    else {
      this.#directories.push(join(path, '..'));
      this.#file(normalize(path), rank, stats);
    }
  }

  result(): Scan {
    const files = new Map<string, FoundFile>();
    const places = new Set<string>();
    this.#found.sort((a, b) => a.rank - b.rank || compareText(a.path, b.path));
    for (const file of this.#found) {
      const place = file.stamp.split(' ', 1)[0]!;
      if (files.has(file.path) || places.has(place)) continue;
      places.add(place);
      files.set(file.path, file);
    }
    return { files, issues: this.#issues, blind: this.#blind, directories: [...new Set(this.#directories)] };
  }

  async #glob(pattern: string, rank: number): Promise<void> {
    const base = pattern.slice(0, pattern.search(GLOB)).replace(/[^/]*$/, '') || '.';
    this.#directories.push(base);
    let matched = 0;
    for (const path of await matches(pattern)) {
      const stats = await statOf(path);
      if (stats instanceof Error) continue;
      matched += 1;
      if (stats.isDirectory()) await this.#directory(path, rank, []);
      else if (isConfigName(basename(path))) this.#file(normalize(path), rank, stats);
    }
    if (matched === 0) {
      this.#issues.push(gone(this.#source, pattern, this.#seen.has(pattern)));
      if ((await statOf(base)) instanceof Error) this.#blind.push({ rank });
    }
  }

  /** `ancestors` are the real paths above, so that a link to one of them is not followed for ever. */
  async #directory(path: string, rank: number, ancestors: readonly string[]): Promise<void> {
    let real: string;
    let names: string[];
    try {
      real = await realpath(path);
      if (ancestors.includes(real)) return;
      names = await readdir(path);
    } catch (error) {
      // A folder that has just gone is as if it were not there, unless it is what the user named.
      if (ancestors.length === 0) this.#lost({ rank }, path, error);
      else if (codeOf(error) !== 'ENOENT') this.#lost({ rank, path }, path, error);
      return;
    }
    this.#directories.push(path);
    const wanted = names.filter((name) => !name.startsWith('.')).map((name) => join(path, name));
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const batch = wanted.slice(at, at + AT_ONCE);
      const stats = await Promise.all(batch.map(statOf));
      for (const [i, child] of batch.entries()) {
        const found = stats[i]!;
        if (found instanceof Error) {
          // A link to nothing, or a file that has just gone: as if it were not there.
          if (codeOf(found) !== 'ENOENT') this.#lost({ rank, path: child }, child, found);
        } else if (found.isDirectory()) await this.#directory(child, rank, [...ancestors, real]);
        else if (found.isFile() && isConfigName(basename(child))) this.#file(child, rank, found);
      }
    }
  }

  #file(path: string, rank: number, stats: BigIntStats): void {
    this.#found.push(foundFile(path, rank, stats));
  }

  #lost(blind: Blind, path: string, error: unknown): void {
    this.#blind.push(blind);
    const absent = codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
    this.#issues.push(absent ? gone(this.#source, path, this.#seen.has(path)) : unreadable(this.#source, path, error));
  }
}

async function matches(pattern: string): Promise<readonly string[]> {
  const paths: string[] = [];
  try {
    for await (const path of glob(pattern)) paths.push(path);
  } catch {
    // A folder went away under the search: what was found before counts.
  }
  return paths;
}

function foundFile(path: string, rank: number, stats: BigIntStats): FoundFile {
  const stamp = `${stats.dev}:${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
  return { path, rank, size: Number(stats.size), modified: Number(stats.mtimeMs), stamp };
}

async function statOf(path: string): Promise<BigIntStats | Error> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
