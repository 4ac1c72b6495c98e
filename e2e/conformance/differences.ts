import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Difference, intendedBy as intendedByList } from 'sallyport/pipeline/differences.ts';
import type { Verdict } from './verdict.ts';

export type { Difference } from 'sallyport/pipeline/differences.ts';

const FILE = resolve(import.meta.dirname, '../../docs/differences.json');

export function readDifferences(file = FILE): readonly Difference[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { differences: Difference[] }).differences : [];
}

/** The difference that explains everything in which a verdict differs. */
export function intendedBy(differences: readonly Difference[]): (verdict: Verdict) => Difference | undefined {
  const intended = intendedByList(differences);
  return ({ id, gate1, gate2 }) => intended({ id, differs: [...gate1, ...gate2] });
}
