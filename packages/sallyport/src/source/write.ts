import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  appendDocument,
  bareDocument,
  decodeDocument,
  findObject,
  type Identity,
  identify,
  identityText,
  type ObjectPlace,
  printDocument,
  readFileText,
  removeObject,
  replaceObject,
  withNamespace,
} from '../config/index.ts';
import type { Issue, ObjectKey, Outcome } from '../model/index.ts';
import { load } from './load.ts';
import { withLock } from './lock.ts';
import { removeFile, replaceFile } from './replace-file.ts';

export interface WriteOptions {
  /** Namespace of documents that name none; `default` if not given. It is written into them. */
  readonly defaultNamespace?: string;
}

/** What became of one object. */
export interface Written {
  readonly key: ObjectKey;
  readonly path: string;
  readonly change: 'created' | 'changed' | 'unchanged' | 'deleted';
}

/** Files of the directory by path, and what is to become of them. */
type Files = Map<string, string>;

/**
 * Writes the objects of a text into a standalone directory, each into the file that it already stands in, a new one into a file of its own
 * (`<namespace>/<kind>-<name>.yaml`). Documents are written as the user wrote them. A document with an error is not written.
 */
export async function applyText(
  directory: string,
  text: string,
  { defaultNamespace = 'default' }: WriteOptions = {},
): Promise<Outcome<readonly Written[]>> {
  const { documents, issues } = readFileText({ source: 'apply', path: '-', text });
  const said: Issue[] = [...issues];
  await mkdir(directory, { recursive: true });
  const value = await changing(directory, (files) => {
    const written: Written[] = [];
    for (const document of documents) {
      const found = decodeDocument(document, { index: 0, defaultNamespace });
      said.push(...found.issues);
      const identity = identify(document.value, defaultNamespace);
      if (identity === undefined || found.issues.some((issue) => issue.severity === 'error')) continue;
      const own = document.within.length === 0 ? bareDocument(document.text) : printDocument(document.value);
      const full = identity.key.namespace === '' ? own : withNamespace(own, identity.key.namespace);
      written.push(put(files, directory, identity, full, defaultNamespace));
    }
    return written;
  });
  return { value, issues: said };
}

/** Takes objects out of a standalone directory, all places that write them; a file that has nothing left is removed. */
export async function deleteObjects(
  directory: string,
  objects: readonly Identity[],
  { defaultNamespace = 'default' }: WriteOptions = {},
): Promise<Outcome<readonly Written[]>> {
  const issues: Issue[] = [];
  const value = await changing(directory, (files) => {
    const written: Written[] = [];
    for (const identity of objects) {
      const before = written.length;
      for (
        let found = search(files, identity, defaultNamespace);
        found !== undefined;
        found = search(files, identity, defaultNamespace)
      ) {
        files.set(found.path, removeObject(files.get(found.path)!, found.place));
        written.push({ key: identity.key, path: found.path, change: 'deleted' });
      }
      if (written.length === before) issues.push(notFound(identity, directory));
    }
    return written;
  });
  return { value, issues };
}

/** Reads the directory, lets `work` change the texts, and writes what changed; alone on the directory all the while. */
async function changing<T>(directory: string, work: (files: Files) => T): Promise<T> {
  return withLock(directory, async () => {
    const before = new Map((await load([directory])).put.map((file) => [file.path, file.text]));
    const files: Files = new Map(before);
    const result = work(files);
    for (const [path, text] of files) {
      if (text === before.get(path)) continue;
      if (text === '') await removeFile(path);
      else await replaceFile(path, text, isSecret(path) ? 0o600 : undefined);
    }
    return result;
  });
}

function put(files: Files, directory: string, identity: Identity, document: string, defaultNamespace: string): Written {
  const { key } = identity;
  const present = search(files, identity, defaultNamespace);
  if (present === undefined) {
    const path = join(directory, fileOf(key));
    files.set(path, appendDocument(files.get(path) ?? '', document));
    return { key, path, change: 'created' };
  }
  const before = files.get(present.path)!;
  const { value } = readFileText({ source: 'apply', path: '-', text: document }).documents[0]!;
  const same = present.place.within.length === 0 && bareDocument(present.place.slice.text) === document;
  if (!same) files.set(present.path, replaceObject(before, present.place, document, value));
  return { key, path: present.path, change: same ? 'unchanged' : 'changed' };
}

/** The last place in order that writes the object, for that one counts. */
function search(
  files: Files,
  identity: Identity,
  defaultNamespace: string,
): { readonly path: string; readonly place: ObjectPlace } | undefined {
  for (const path of [...files.keys()].sort().reverse()) {
    const place = findObject(files.get(path)!, identity, defaultNamespace);
    if (place !== undefined) return { path, place };
  }
  return undefined;
}

/** Names of objects and namespaces are DNS names, which are safe as file names; kinds are letters. */
function fileOf({ kind, namespace, name }: ObjectKey): string {
  return join(namespace, `${kind.toLowerCase()}-${name}.yaml`);
}

/** A file of its own for a Secret is for nobody else to read. */
function isSecret(path: string): boolean {
  return basename(path).startsWith('secret-');
}

function notFound(identity: Identity, directory: string): Issue {
  return {
    code: 'DANGLING_REFERENCE',
    severity: 'warning',
    message: `${directory} has no ${identityText(identity)}`,
    hint: 'check kind, namespace and name',
    object: identity.key,
  };
}
