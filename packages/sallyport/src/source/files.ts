import { isDeepStrictEqual } from 'node:util';
import type { SourceFile } from '../config/index.ts';
import type { Issue } from '../model/index.ts';
import { createQuietPeriod } from './quiet-period.ts';
import { readText } from './read-text.ts';
import { type FoundFile, outOfSight, restat, type Scan, scan } from './scan.ts';
import { aborted, type Source } from './source.ts';
import { createWatches } from './watches.ts';

export interface FileSourceOptions {
  /** Milliseconds without a change after which files are read; 15 by default. */
  readonly quiet?: number;
  /** Milliseconds after which they are read even if changes go on; 100 by default. */
  readonly maxWait?: number;
  /** Milliseconds between looks at everything, for file systems that report no changes; 2000 by default, more where a look takes long. */
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
  /** When the file was first found missing or empty, in milliseconds since the epoch; absent while it is there. */
  readonly lostSince?: number;
}

const YOUNG = 50;
const AT_ONCE = 64;
/**
 * Editors that unlink and create leave a gap, and those that truncate and write a moment of emptiness, which a busy machine
 * draws out. A loss counts when it has lasted this many milliseconds.
 */
const LOSS = 200;
/** Polling takes at most this part of one processor. */
const POLL_SHARE = 0.02;

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
      let known: Scan | undefined;
      let said: readonly Issue[] | undefined;
      /** Files to look at again; undefined for everything. */
      let hints: Set<string> | undefined;

      /** Delivers what changed in the files that were hinted at, or in everything. */
      async function look(): Promise<void> {
        const hinted = hints;
        hints = new Set();
        const some = hinted === undefined || known === undefined ? undefined : await restat(known, hinted);
        const began = Date.now();
        const now = some === undefined ? await scan(name, places, seen) : known!;
        if (signal.aborted) return;
        const put = await readChanged(some ?? [...now.files.values()]);
        const remove = some === undefined ? dropMissing(now) : [];
        if (signal.aborted) return;
        if (some === undefined) {
          known = now;
          for (const path of paths) if (!now.issues.some((issue) => issue.origin?.path === path)) seen.add(path);
          watches.follow(now.directories);
          pollAgain(Date.now() - began);
        }
        const issues = [...now.issues, ...[...delivered.values()].flatMap((file) => file.issues)];
        if (said === undefined || put.length > 0 || remove.length > 0 || !isDeepStrictEqual(issues, said)) {
          said = issues;
          onEvent({ source: name, put, remove, synced: true, issues });
        }
        let lost = false;
        for (const [path, { young, lostSince }] of delivered) {
          if (lostSince !== undefined) lost = true;
          else if (young) hint(path);
        }
        if (lost) lossTimer ??= setTimeout(lookForLost, LOSS);
      }

      async function readChanged(files: readonly FoundFile[]): Promise<SourceFile[]> {
        const put: SourceFile[] = [];
        for (let at = 0; at < files.length; at += AT_ONCE) {
          const batch = files.slice(at, at + AT_ONCE).filter((file) => mayHaveChanged(file, delivered.get(file.path)));
          const states = await Promise.all(batch.map((file) => read(file, delivered.get(file.path))));
          for (const [i, state] of states.entries()) {
            const { path, rank } = batch[i]!;
            const before = delivered.get(path);
            delivered.set(path, state);
            if (state.text !== undefined && (state.text !== before?.text || rank !== before.rank))
              put.push({ path, text: state.text, rank });
          }
        }
        return put;
      }

      function dropMissing(now: Scan): string[] {
        const remove: string[] = [];
        for (const [path, file] of delivered) {
          if (now.files.has(path) || outOfSight({ path, rank: file.rank }, now.blind)) continue;
          if (!lasts(file)) delivered.set(path, { ...file, stamp: '', lostSince: file.lostSince ?? Date.now() });
          else if (delivered.delete(path) && file.text !== undefined) remove.push(path);
        }
        return remove;
      }

      function hint(path: string | undefined): void {
        if (path === undefined || known?.files.has(path) !== true) hints = undefined;
        else hints?.add(path);
        period.poke();
      }

      let lossTimer: NodeJS.Timeout | undefined;
      function lookForLost(): void {
        lossTimer = undefined;
        if (!signal.aborted) hint(undefined);
      }

      let timer: NodeJS.Timeout | undefined;
      function pollAgain(took: number): void {
        clearTimeout(timer);
        if (!signal.aborted) timer = setTimeout(() => hint(undefined), Math.max(poll, took / POLL_SHARE));
      }

      const period = createQuietPeriod(look, { quiet, maxWait });
      const watches = createWatches(hint);
      try {
        await look();
        await Promise.race([aborted(signal), period.failure]);
      } finally {
        clearTimeout(timer);
        clearTimeout(lossTimer);
        period.stop();
        watches.close();
      }
    },
  };

  async function read(file: FoundFile, before: Delivered | undefined): Promise<Delivered> {
    const young = Math.abs(Date.now() - file.modified) < YOUNG;
    const state = { rank: file.rank, stamp: file.stamp, young };
    const { value, issues } = await readText(name, file.path, file.path, file.size);
    if (value === undefined) return { ...state, text: before?.text, issues, young: false };
    if (value === '' && before?.text && !lasts(before)) return { ...before, lostSince: before.lostSince ?? Date.now() };
    return { ...state, text: value, issues };
  }
}

function mayHaveChanged(file: FoundFile, before: Delivered | undefined): boolean {
  return (
    before === undefined ||
    before.stamp !== file.stamp ||
    before.rank !== file.rank ||
    before.young ||
    before.lostSince !== undefined
  );
}

function lasts({ lostSince }: Delivered): boolean {
  return lostSince !== undefined && Date.now() - lostSince >= LOSS;
}
