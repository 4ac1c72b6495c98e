import type { Collection, Graph } from '../../collection/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import { buildAccess } from './access-tables.ts';
import { buildDependencies } from './dependency-tables.ts';
import { buildDestinations } from './destination-tables.ts';
import { buildSubsetRules } from './subset-tables.ts';

/** Gloo Mesh v1 (spec/gloo.md 1). */
export function buildV1(graph: Graph, inputs: TranslateInputs): readonly Collection<Translation>[] {
  const { external, translations } = buildDestinations(graph, inputs);
  return [
    ...translations,
    ...buildAccess(graph, inputs, external),
    ...buildDependencies(graph, inputs, external),
    buildSubsetRules(graph, inputs),
  ];
}
