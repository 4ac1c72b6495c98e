import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The folder with the measured vectors: CONFORMANCE_DIR, else `shared/conformance` beside the project. */
export function conformanceDir(): string {
  const dir = process.env['CONFORMANCE_DIR'] ?? resolve(import.meta.dirname, '../../../shared/conformance');
  if (!existsSync(dir)) {
    throw new Error(`the conformance vectors are not at ${dir}: put them beside the project or set CONFORMANCE_DIR`);
  }
  return dir;
}

/** All files of one folder of vectors, sorted by name, parsed. */
export function readVectors<T>(folder: string): readonly { readonly file: string; readonly content: T }[] {
  const dir = join(conformanceDir(), folder);
  return readdirSync(dir)
    .filter((name) => name.endsWith('.json') || name.endsWith('.json.gz'))
    .sort()
    .map((file) => ({ file, content: JSON.parse(textOf(join(dir, file))) as T }));
}

/** One file of vectors by its path in the folder of all, parsed. */
export function readVector<T>(path: string): T {
  return JSON.parse(textOf(join(conformanceDir(), path))) as T;
}

function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One run of one scenario with every resource istiod made (conformance README, section 5). */
export interface Dump {
  readonly scenario: string;
  readonly run: number;
  readonly config: string;
  readonly mesh?: Readonly<Record<string, unknown>>;
  readonly vip?: 'legacy';
  readonly features?: Readonly<Record<string, string>>;
  readonly proxy: Readonly<Record<string, unknown>>;
  readonly unstable?: readonly string[];
  readonly listeners: readonly Json[];
  readonly clusters: readonly Json[];
  readonly routes: readonly Json[];
  readonly endpoints: readonly Json[];
  readonly nameTable: Readonly<Record<string, Json>>;
}
