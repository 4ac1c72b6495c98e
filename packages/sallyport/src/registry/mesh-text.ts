import { load } from 'js-yaml';
import { parseYamlValue } from '../config/index.ts';
import { KUBERNETES_YAML } from '../config/yaml/scalars.ts';
import type { Outcome } from '../model/index.ts';

/**
 * The value that the text of a mesh configuration means, an empty object if it says nothing. A key given twice is only a
 * warning and the last one counts, as in Istio: to drop the whole text could open a mesh that it closes (spec/istio.md 9).
 */
export function readMeshText(text: string): Outcome<unknown> {
  const { value, issues } = parseYamlValue(text);
  if (value !== undefined || issues.length === 0) return { value: value ?? {}, issues };
  if (issues.some(({ code }) => code !== 'YAML_DUPLICATE_KEY')) return { issues };
  try {
    const warnings = issues.map((issue) => ({
      ...issue,
      severity: 'warning' as const,
      message: `${issue.message}; the last counts`,
    }));
    return { value: load(text, { schema: KUBERNETES_YAML, json: true, maxDepth: 100, maxAliases: 100 }), issues: warnings };
  } catch {
    return { issues };
  }
}
