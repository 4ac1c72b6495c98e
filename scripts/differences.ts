// Writes docs/differences.md from docs/differences.json, which the conformance runner reads, and the copy of the latter that
// is part of the package, for `sallyport test`: `node scripts/differences.ts`.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Difference {
  readonly rule: string;
  readonly reason: string;
  readonly test: string;
  readonly vectors: readonly string[];
}

const docs = join(import.meta.dirname, '../docs');

const INTRODUCTION = `# Intended differences from Istio

Same input, same outcome as istiod, as a caller sees it, except here. Made from \`differences.json\`, which the conformance runner reads: agreeing,
intended and disagreeing outcomes are counted apart.
`;

/** The page, from the list as it stands. */
export function differencesText(): string {
  const { differences } = JSON.parse(readFileSync(join(docs, 'differences.json'), 'utf8')) as {
    differences: readonly Difference[];
  };
  const byRule = Map.groupBy(differences, ({ rule }) => rule);
  const parts = [...byRule].map(([rule, all]) => {
    const vectors = [...new Set(all.flatMap((d) => d.vectors))].map((vector) => `\`${vector}\``).join(', ');
    const first = all[0]!;
    return `\n## ${rule[0]!.toUpperCase()}${rule.slice(1)}\n\n${first.reason[0]!.toUpperCase()}${first.reason.slice(1)}.\n\nTest: ${first.test}.${vectors === '' ? '' : ` Vectors: ${vectors}.`}\n`;
  });
  return `${INTRODUCTION}${parts.join('')}`;
}

/** Where an installed package finds the list. */
export const PACKAGED = join(import.meta.dirname, '../packages/sallyport/differences.json');

if (import.meta.main) {
  writeFileSync(join(docs, 'differences.md'), differencesText());
  copyFileSync(join(docs, 'differences.json'), PACKAGED);
}
