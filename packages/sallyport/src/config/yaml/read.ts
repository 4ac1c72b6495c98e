import { loadAll } from 'js-yaml';
import type { Finding } from '../finding.ts';
import { staysBounded } from './expansion.ts';
import { MAX_ALIASES, MAX_DEPTH, MAX_DOCUMENT_LENGTH } from './limits.ts';
import { start } from './position.ts';
import { KUBERNETES_YAML } from './scalars.ts';
import { placeAt } from './split.ts';
import { syntaxFinding, tooManyAliases } from './syntax.ts';

/** The value of one YAML document; none if it is empty or could not be read, and then the findings say why. */
export interface Reading {
  readonly value?: unknown;
  readonly findings: readonly Finding[];
}

/** Reads the text of one document (see `splitDocuments`). Never throws, whatever the text. */
export function readDocument(text: string): Reading {
  if (text.length > MAX_DOCUMENT_LENGTH) return refused(tooLarge(text));
  let values: unknown[];
  try {
    values = loadAll(text, { schema: KUBERNETES_YAML, maxDepth: MAX_DEPTH, maxAliases: MAX_ALIASES });
  } catch (error) {
    return refused(syntaxFinding(text, error));
  }
  const [value, ...more] = values;
  if (more.length > 0) return refused(endedByDots(text));
  if (value === undefined || value === null) return { findings: [] };
  if (mayHaveAliases(text) && !staysBounded(value)) return refused(tooManyAliases(placeAt(text, text.search(/\*[^\s]/))));
  return { value, findings: [] };
}

function refused(finding: Finding): Reading {
  return { findings: [finding] };
}

function mayHaveAliases(text: string): boolean {
  return text.includes('&') && text.includes('*');
}

function tooLarge(text: string): Finding {
  const size = (text.length / MAX_DOCUMENT_LENGTH).toFixed(1);
  return {
    code: 'FILE_TOO_LARGE',
    severity: 'error',
    field: [],
    place: start(text),
    message: `a document has ${size} million characters; at most one (${MAX_DOCUMENT_LENGTH}) is read, as much as Kubernetes stores`,
    hint: 'split it into several objects',
  };
}

function endedByDots(text: string): Finding {
  return {
    code: 'YAML_SYNTAX',
    severity: 'error',
    field: [],
    place: placeAt(text, Math.max(0, text.search(/^\.\.\./m))),
    message: 'a line ... ends the document, and Kubernetes ignores what follows it',
    hint: 'separate documents by ---',
  };
}
