import { fieldText, type Issue } from '../../model/index.ts';
import { type ConfigChange, type ConfigStore, createConfigStore, type StoreOptions } from '../index.ts';

/** A ServiceEntry of one HTTP port, with more lines of `spec` if wanted. */
export function entry(name: string, ...more: readonly string[]): string {
  const lines = [
    'apiVersion: networking.istio.io/v1',
    'kind: ServiceEntry',
    'metadata:',
    `  name: ${name}`,
    'spec:',
    `  hosts: [${name}.example.com]`,
    '  ports:',
    '  - {number: 80, name: http, protocol: HTTP}',
    '  resolution: DNS',
  ];
  return `${[...lines, ...more].join('\n')}\n`;
}

/** A store and short ways to write to it. */
export interface Shelf {
  readonly store: ConfigStore;
  put(path: string, text: string, rank?: number): ConfigChange;
  remove(path: string): ConfigChange;
  /** Ids of the objects in force, sorted. */
  ids(): readonly string[];
  /** Findings as `CODE path:line:column field`. */
  said(): readonly string[];
}

export function shelf(options: StoreOptions = {}): Shelf {
  const store = createConfigStore(options);
  const event = { source: 'files', put: [], remove: [], synced: true, issues: [] };
  return {
    store,
    put: (path, text, rank = 0) => store.apply({ ...event, put: [{ path, text, rank }] }),
    remove: (path) => store.apply({ ...event, remove: [path] }),
    ids: () => [...store.objects.keys()].sort(),
    said: () => store.issues().map(summary),
  };
}

export function summary({ code, origin, field }: Issue): string {
  return `${code} ${origin?.path}:${origin?.line}:${origin?.column}${field === undefined ? '' : ` ${fieldText(field)}`}`;
}
