import type { Issue } from '../model/index.ts';
import { aborted, type Source, type SourceEvent } from './source.ts';

/** Documents that a program holds: tests, and commands that compare proposed with present configuration. */
export interface MemorySource extends Source {
  put(path: string, text: string, rank?: number): void;
  remove(path: string): void;
  /** What the source says about itself from now on. */
  say(issues: readonly Issue[]): void;
}

export function createMemorySource(name = 'memory'): MemorySource {
  const files = new Map<string, { readonly path: string; readonly text: string; readonly rank?: number }>();
  const listeners = new Set<(event: SourceEvent) => void>();
  let issues: readonly Issue[] = [];
  const tell = (event: Partial<SourceEvent>): void => {
    for (const listener of listeners) listener({ source: name, put: [], remove: [], synced: true, issues, ...event });
  };
  return {
    name,
    put(path, text, rank) {
      const before = files.get(path);
      const file = { path, text, ...(rank === undefined ? {} : { rank }) };
      if (before?.text === text && before.rank === rank) return;
      files.set(path, file);
      tell({ put: [file] });
    },
    remove(path) {
      if (files.delete(path)) tell({ remove: [path] });
    },
    say(now) {
      issues = now;
      tell({});
    },
    async watch(onEvent, signal) {
      if (signal.aborted) return;
      onEvent({ source: name, put: [...files.values()], remove: [], synced: true, issues });
      listeners.add(onEvent);
      await aborted(signal);
      listeners.delete(onEvent);
    },
  };
}
