import { isAbsolute } from 'node:path';

/** What a secret's name asks for; the names are Istio's (spec/istio.md 10.5, shapes A and B). */
export type Wanted =
  /** The workload's own certificate, with its key. */
  | { readonly kind: 'workload' }
  /** What certificates of the mesh are verified with. */
  | { readonly kind: 'mesh-roots' }
  | { readonly kind: 'system-roots' }
  | { readonly kind: 'root-file'; readonly path: string }
  | { readonly kind: 'certificate-files'; readonly certificate: string; readonly key: string };

export const WORKLOAD = 'default';
export const MESH_ROOTS = 'ROOTCA';
const ROOT = 'file-root:';
const CERTIFICATE = 'file-cert:';
const SYSTEM = 'system';

/** Paths are absolute: nobody knows which directory a relative one would begin in. Undefined for every other name. */
export function parseName(name: string): Wanted | undefined {
  if (name === WORKLOAD) return { kind: 'workload' };
  if (name === MESH_ROOTS) return { kind: 'mesh-roots' };
  if (name === ROOT + SYSTEM) return { kind: 'system-roots' };
  if (name.startsWith(ROOT)) {
    const path = name.slice(ROOT.length);
    return isPath(path) ? { kind: 'root-file', path } : undefined;
  }
  if (!name.startsWith(CERTIFICATE)) return undefined;
  const [certificate = '', key = '', ...more] = name.slice(CERTIFICATE.length).split('~');
  return isPath(certificate) && isPath(key) && more.length === 0 ? { kind: 'certificate-files', certificate, key } : undefined;
}

export function printName(wanted: Wanted): string {
  switch (wanted.kind) {
    case 'workload':
      return WORKLOAD;
    case 'mesh-roots':
      return MESH_ROOTS;
    case 'system-roots':
      return ROOT + SYSTEM;
    case 'root-file':
      return ROOT + wanted.path;
    case 'certificate-files':
      return `${CERTIFICATE}${wanted.certificate}~${wanted.key}`;
  }
}

function isPath(text: string): boolean {
  return isAbsolute(text) && !text.includes('\0');
}
