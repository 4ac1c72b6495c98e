import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../../../', import.meta.url);
const FOLDER = process.env['CONFORMANCE_DIR'] ?? fileURLToPath(new URL('../shared/conformance', ROOT));

/** Why vectors cannot be read on this machine, for `skip`; false when they can. Where CI says that it is CI, they have to be there. */
export const noVectors: string | false =
  existsSync(FOLDER) || process.env['CI'] !== undefined ? false : `no conformance vectors at ${FOLDER}: set CONFORMANCE_DIR`;

/** The text of a file of the folder. */
export function vectorText(path: string): string {
  return readFileSync(`${FOLDER}/${path}`, 'utf8');
}

/** One document and what istiod's admission check says of it (conformance/validate/README.md). */
export interface ValidateVector {
  readonly id: string;
  readonly kind: string;
  readonly yaml: string;
  readonly parse?: false;
  readonly webhook?: { readonly errors: boolean; readonly warnings: boolean };
  readonly docs?: readonly { readonly parse?: false; readonly webhook?: { readonly errors: boolean } }[];
  readonly readError?: string;
}

export function validateVectors(name: string): readonly ValidateVector[] {
  return (JSON.parse(vectorText(`validate/${name}.json`)) as { readonly vectors: readonly ValidateVector[] }).vectors;
}
