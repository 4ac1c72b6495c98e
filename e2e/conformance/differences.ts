import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Verdict } from './verdict.ts';

/** A difference from istiod that is meant (design.md section 3). */
export interface Difference {
  /** What we do, in one sentence. */
  readonly rule: string;
  readonly reason: string;
  /** The test that holds us to it. */
  readonly test: string;
  /** Ids of the vectors it concerns, as in `Verdict.id`; `*` stands for anything. */
  readonly vectors: readonly string[];
  /** The fields that may differ there, with `*` likewise; in any other field the vector still counts as disagreeing. */
  readonly fields: readonly string[];
}

const FILE = resolve(import.meta.dirname, '../../docs/differences.json');

export function readDifferences(file = FILE): readonly Difference[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { differences: Difference[] }).differences : [];
}

/** The difference that explains everything in which a verdict differs. */
export function intendedBy(differences: readonly Difference[]): (verdict: Verdict) => Difference | undefined {
  const known = differences.map((difference) => ({
    difference,
    vectors: anyOf(difference.vectors),
    fields: anyOf(difference.fields),
  }));
  return ({ id, gate1, gate2 }) => {
    const fields = [...gate1, ...gate2].map(fieldOf);
    return known.find((k) => k.vectors.test(id) && fields.every((field) => k.fields.test(field)))?.difference;
  };
}

/** Resources differ at paths that are followed by what was found there. */
const fieldOf = (text: string): string => text.split(': ', 1)[0]!;

function anyOf(patterns: readonly string[]): RegExp {
  const texts = patterns.map((text) => text.split('*').map(RegExp.escape).join('.*'));
  return new RegExp(`^(?:${texts.join('|')})$`);
}
