import { isDeepStrictEqual } from 'node:util';
import type { SourceEvent, SourceFile } from '../config/index.ts';
import type { Issue } from '../model/index.ts';
import { createQuietPeriod } from './quiet-period.ts';
import { readText } from './read-text.ts';
import { type FoundFile, outOfSight, scan } from './scan.ts';
import { aborted, type Source } from './source.ts';
import { createWatches } from './watches.ts';

export interface FileSourceOptions {
  /** Milliseconds without a change after which files are read; 15 by default. */
  readonly quiet?: number;
  /** Milliseconds after which they are read even if changes go on; 100 by default. */
  readonly maxWait?: number;
  /** Milliseconds between looks at everything, for file systems that report no changes; 2000 by default. */
  readonly poll?: number;
}

/** What was last delivered of a file. */
interface Delivered {
  readonly rank: number;
  readonly stamp: string;
  readonly text: string | undefined;
  readonly issues: readonly Issue[];
  /** The file was so young when it was read that a further write may have left no trace in its times. */
  readonly young: boolean;
  /** Looks in a row at which the file was missing or empty. */
  readonly missed: number;
}

const YOUNG = 50;
/** Editors that unlink and create leave a gap, and those that truncate and write a moment of emptiness: one more look closes both. */
const LOOKS_BEFORE_LOSS = 2;

/**
 * Files, directories with everything below them, and globs. Whatever way an editor writes, every state that lasts is delivered;
 * an argument that disappears, and a file that turns unreadable, keeps what was last read of it and is reported.
 */
export function createFileSource(paths: readonly string[], options: FileSourceOptions = {}): Source {
  const { quiet = 15, maxWait = 100, poll = 2000 } = options;
  const name = 'files';
  const places = paths.map((path, rank) => ({ path, rank }));
  return {
    name,
    async watch(onEvent, signal) {
      if (signal.aborted) return;
      const delivered = new Map<string, Delivered>();
      const seen = new Set<string>();
      let said: readonly Issue[] = [];
      let synced = false;

      /** One look at everything: delivers what changed since the last. */
      async function look(): Promise<void> {
        const now = await scan(name, places, seen);
        if (signal.aborted) return;
        for (const path of paths) if (!now.issues.some((issue) => issue.origin?.path === path)) seen.add(path);
        const put: SourceFile[] = [];
        for (const file of now.files.values()) {
          const fresh = await readIfChanged(file, delivered.get(file.path));
          if (fresh === undefined) continue;
          const before = delivered.get(file.path);
          delivered.set(file.path, fresh);
          if (fresh.text !== undefined && (fresh.text !== before?.text || fresh.rank !== before.rank))
            put.push({ path: file.path, text: fresh.text, rank: file.rank });
        }
        const remove: string[] = [];
        for (const [path, file] of delivered) {
          if (now.files.has(path) || outOfSight({ path, rank: file.rank }, now.blind)) continue;
          if (file.missed + 1 < LOOKS_BEFORE_LOSS) delivered.set(path, { ...file, stamp: '', missed: file.missed + 1 });
          else if (delivered.delete(path) && file.text !== undefined) remove.push(path);
        }
        if (signal.aborted) return;
        watches.follow(now.directories);
        const issues = [...now.issues, ...[...delivered.values()].flatMap((file) => file.issues)];
        if (!synced || put.length > 0 || remove.length > 0 || !isDeepStrictEqual(issues, said)) {
          synced = true;
          said = issues;
          onEvent({ source: name, put, remove, synced: true, issues } satisfies SourceEvent);
        }
        if ([...delivered.values()].some((file) => file.young || file.missed > 0)) period.poke();
      }

      const period = createQuietPeriod(look, { quiet, maxWait });
      const watches = createWatches(() => period.poke());
      const timer = setInterval(() => period.poke(), poll);
      await look();
      period.poke(); // what changed between the look and the watches
      await aborted(signal);
      clearInterval(timer);
      period.stop();
      watches.close();
    },
  };

  async function readIfChanged(file: FoundFile, before: Delivered | undefined): Promise<Delivered | undefined> {
    if (before !== undefined && before.stamp === file.stamp && before.rank === file.rank && !before.young && before.missed === 0)
      return undefined;
    const young = Math.abs(Date.now() - file.modified) < YOUNG;
    const state = { rank: file.rank, stamp: file.stamp, young, missed: 0 };
    const { value, issues } = await readText(name, file.path, file.path, file.size);
    if (value === undefined) return { ...state, text: before?.text, issues, young: false };
    if (value === '' && before?.text && before.missed + 1 < LOOKS_BEFORE_LOSS) return { ...before, missed: before.missed + 1 };
    return { ...state, text: value, issues };
  }
}
