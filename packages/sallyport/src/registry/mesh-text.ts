import { load } from 'js-yaml';
import { KUBERNETES_YAML } from '../config/yaml/scalars.ts';

/** The value that a YAML text means as Kubernetes reads it, or what is wrong with the text. */
export function readMeshText(text: string): { readonly value: unknown } | { readonly error: string } {
  if (text.trim() === '') return { value: {} };
  try {
    return { value: load(text, { schema: KUBERNETES_YAML, json: true, maxDepth: 100, maxAliases: 100 }) ?? {} };
  } catch (error) {
    return { error: error instanceof Error ? error.message.split('\n', 1)[0]! : String(error) };
  }
}
