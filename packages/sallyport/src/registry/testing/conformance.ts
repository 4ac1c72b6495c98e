import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../../../', import.meta.url);
const FOLDER = process.env['CONFORMANCE_DIR'] ?? fileURLToPath(new URL('../shared/conformance', ROOT));

/** Why vectors cannot be read on this machine, for `skip`; false when they can. Where CI says that it is CI, they have to be there. */
export const noVectors: string | false =
  existsSync(FOLDER) || process.env['CI'] !== undefined ? false : `no conformance vectors at ${FOLDER}: set CONFORMANCE_DIR`;

/** One file of vectors, by its path in the folder. */
export function vectorsFile<T>(path: string): T {
  return JSON.parse(readFileSync(`${FOLDER}/${path}`, 'utf8')) as T;
}

export function vectorFiles(folder: string): readonly string[] {
  return readdirSync(`${FOLDER}/${folder}`)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => `${folder}/${name}`);
}

export interface FunctionVector {
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly result: { readonly ok?: boolean; readonly value?: unknown; readonly [field: string]: unknown };
}

/** The vectors of one function of `functions/`. */
export function functionVectors(file: string, fn: string): readonly FunctionVector[] {
  const { vectors } = vectorsFile<{ vectors: readonly FunctionVector[] }>(`functions/${file}.json`);
  return vectors.filter((vector) => vector.fn === fn);
}
