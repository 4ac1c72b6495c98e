import type { Readable } from 'node:stream';
import type { SourceEvent, SourceFile } from '../config/index.ts';
import type { Issue } from '../model/index.ts';
import { readText } from './read-text.ts';
import { scan } from './scan.ts';
import { readStream, STDIN } from './stdin.ts';

/**
 * Reads what the arguments of `-f` stand for once, for commands that do not watch: files, directories, globs, and `-` for `stdin`.
 * One event, to be applied to a store: the same as a watching source would give first.
 */
export async function load(paths: readonly string[], stdin?: Readable): Promise<SourceEvent> {
  const source = 'files';
  const put: SourceFile[] = [];
  const issues: Issue[] = [];
  const places = paths.map((path, rank) => ({ path, rank })).filter(({ path }) => path !== STDIN);
  const found = await scan(source, places, new Set());
  const stdinRank = paths.indexOf(STDIN);
  issues.push(...found.issues);
  if (stdinRank !== -1 && stdin !== undefined) {
    const { value, issues: said } = await readStream(source, stdin);
    if (value !== undefined) put.push({ path: STDIN, text: value, rank: stdinRank });
    issues.push(...said);
  }
  for (const file of found.files.values()) {
    const { value, issues: said } = await readText(source, file.path, file.path, file.size);
    if (value !== undefined) put.push({ path: file.path, text: value, rank: file.rank });
    issues.push(...said);
  }
  return { source, put, remove: [], synced: true, issues };
}
