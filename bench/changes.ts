import { type LoadFile, type LoadOptions, loadFiles, serviceEntry, staticAddresses, virtualService } from './load.ts';

/** What one step does to the documents: a file written anew, or taken away. */
export type Step = { readonly put: LoadFile } | { readonly remove: string };

/** The entry that changes: the second of namespace 0, STATIC. */
export const CHANGED = 50;
const NEW_HOST = 'new.ext.example.com';

const ENTRY = 'bench-00/se-00050.yaml';
const ROUTING = 'bench-00/vs-00050.yaml';
const NEW = 'bench-00/se-new.yaml';

/**
 * The reference load with the two documents that are going to change in files of their own: a change is then counted from
 * the moment its document has arrived, as it does from an API (spec/performance.md 3).
 */
export function changeableLoad(options: LoadOptions): readonly LoadFile[] {
  const own = new Map([
    [serviceEntry(CHANGED, staticAddresses(CHANGED)), ENTRY],
    [virtualService(CHANGED, '5s'), ROUTING],
  ]);
  const files = loadFiles(options).map(({ path, text }) => {
    const rest = text.split('---\n').filter((document) => !own.has(document));
    return { path, text: rest.join('---\n') };
  });
  return [...files, ...[...own].map(([text, path]) => ({ path, text }))];
}

/** Case 3: another fourth endpoint. `n` makes it differ from the last. */
export const otherEndpoint = (n: number): Step => ({
  put: { path: ENTRY, text: serviceEntry(CHANGED, staticAddresses(CHANGED, 4 + (n % 100))) },
});

/** The entry as the load has it. */
export const sameAgain = () => ({ put: { path: ENTRY, text: serviceEntry(CHANGED, staticAddresses(CHANGED)) } });

/** Port 80 becomes 8080 and back. */
export function otherPort(n: number): Step {
  const text = serviceEntry(CHANGED, staticAddresses(CHANGED));
  return { put: { path: ENTRY, text: n % 2 === 0 ? text.replace('number: 80,', 'number: 8080,') : text } };
}

/** Case 4: a new STATIC entry, then its removal. */
export const addEntry = (): Step => ({
  put: { path: NEW, text: serviceEntry(CHANGED, staticAddresses(CHANGED), 'se-new', NEW_HOST) },
});
export const removeEntry = (): Step => ({ remove: NEW });

/** Case 5: another timeout. */
export const otherTimeout = (n: number): Step => ({
  put: { path: ROUTING, text: virtualService(CHANGED, `${6 + (n % 100)}s`) },
});
