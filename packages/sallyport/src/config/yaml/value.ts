import type { Outcome } from '../../model/index.ts';
import { issueOf } from '../document.ts';
import { readDocument } from './read.ts';

/** The value of a text of one YAML document that is no object of its own, such as a mesh configuration. Empty text has no value. */
export function parseYamlValue(text: string, path = '-', source = 'text'): Outcome<unknown> {
  const { value, findings } = readDocument(text);
  const issues = findings.map((finding) => issueOf(finding, { source, path, text, line: 1, within: [] }));
  return value === undefined ? { issues } : { value, issues };
}
