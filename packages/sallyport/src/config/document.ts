import type { Issue, ObjectKey, Origin } from '../model/index.ts';
import type { Finding } from './finding.ts';
import { isMapping } from './normalise.ts';
import { locate, type Path, type Side, start } from './yaml/position.ts';
import { readDocument } from './yaml/read.ts';
import { type Place, splitDocuments } from './yaml/split.ts';

/** A file as a source delivers it. */
export interface FileText {
  /** Name of the source, e.g. `files`. */
  readonly source: string;
  /** As the user knows it; `-` for standard input. */
  readonly path: string;
  readonly text: string;
}

/** One object of a file: a YAML document, or an item of a `kind: List`. */
export interface ConfigDocument {
  readonly source: string;
  readonly path: string;
  /** The YAML document's text with its separator line; shared by the items of a list. */
  readonly text: string;
  /** Line of the file that the text starts at, from 1. */
  readonly line: number;
  /** Where in the document's value the object stands; empty unless it is an item of a list. */
  readonly within: Path;
  readonly value: unknown;
}

/** Cuts a file into documents and reads each on its own, so that a broken one hides no other. Empty documents are left out. */
export function readFileText(file: FileText): {
  readonly documents: readonly ConfigDocument[];
  readonly issues: readonly Issue[];
} {
  const documents: ConfigDocument[] = [];
  const issues: Issue[] = [];
  for (const { text, line } of splitDocuments(file.text)) {
    const { value, findings } = readDocument(text);
    const unread: ConfigDocument = { source: file.source, path: file.path, text, line, within: [], value };
    issues.push(...findings.map((finding) => issueOf(finding, unread)));
    if (value !== undefined) documents.push(...expandList(unread));
  }
  return { documents, issues };
}

/** The objects of a `kind: List` or `…List`; any other document is given back as it is. */
export function expandList(document: ConfigDocument): readonly ConfigDocument[] {
  const { value } = document;
  if (!isMapping(value) || typeof value['kind'] !== 'string' || !value['kind'].endsWith('List') || !Array.isArray(value['items']))
    return [document];
  const { kind, apiVersion } = value;
  // Items of a typed list, as `kubectl get -o json` writes them, may leave out what the list says for all.
  const said = kind === 'List' ? {} : { apiVersion, kind: String(kind).slice(0, -'List'.length) };
  return value['items'].map((item, i) => ({
    ...document,
    within: ['items', i],
    value: isMapping(item) ? { ...said, ...item } : item,
  }));
}

/**
 * Where a field of a document stands. Fields are those of the decoded object: camelCase, and under `spec` also for kinds without one.
 * Without a field: where the object starts.
 */
export function positionOf(
  document: Pick<ConfigDocument, 'source' | 'path' | 'text' | 'line' | 'within'>,
  field: Path = [],
  side: Side = 'value',
): Origin & { readonly spelled: Path; readonly plain?: string } {
  const { text, within } = document;
  if (within.length === 0 && field.length === 0) return { ...originAt(document, start(text)), spelled: [] };
  const specless = field[0] === 'spec' && locate(text, [...within, 'spec']).spelled.length === within.length;
  const found = locate(text, [...within, ...(specless ? field.slice(1) : field)], side);
  const { plain } = found;
  return {
    ...originAt(document, found),
    spelled: [...(specless ? ['spec'] : []), ...found.spelled.slice(within.length)],
    ...(plain === undefined ? {} : { plain }),
  };
}

export function originAt({ source, path, line }: Pick<ConfigDocument, 'source' | 'path' | 'line'>, place: Place): Origin {
  return { source, path, line: line + place.line - 1, column: place.column };
}

/** A finding with its place in the file, its field in the user's spelling, and the object it is about. */
export function issueOf(finding: Finding, document: Omit<ConfigDocument, 'value'>, object?: ObjectKey): Issue {
  const { code, severity, message, hint } = finding;
  const about = { code, severity, message, ...(hint === undefined ? {} : { hint }), ...(object === undefined ? {} : { object }) };
  if (finding.place !== undefined) return { ...about, origin: originAt(document, finding.place) };
  const { spelled, plain, ...origin } = positionOf(document, finding.field, finding.side);
  const field = [...spelled, ...finding.field.slice(spelled.length)];
  return { ...about, ...(field.length === 0 ? {} : { field }), origin, ...ambiguous(finding, plain) };
}

/** A plain scalar that YAML 1.1 reads as something else than it looks like: what the user wrote is said, and what was read. */
function ambiguous({ code, message }: Finding, plain: string | undefined): Partial<Issue> {
  const [, read, wanted] = /^(true|false|null|-?[\d.e+]+) is no (.+)$/.exec(message) ?? [];
  if (code !== 'INVALID_VALUE' || read === undefined || plain === undefined) return {};
  if (wanted === 'text')
    return {
      code: 'YAML_AMBIGUOUS_SCALAR',
      message: `\`${plain}\` without quotes is read as ${plain === read ? `a ${/\d/.test(read) ? 'number' : 'boolean'}` : read}, not as text`,
      hint: `write "${plain}" in quotes`,
    };
  return plain === read
    ? {}
    : { code: 'YAML_AMBIGUOUS_SCALAR', message: `\`${plain}\` is read as ${read}, which is no ${wanted}` };
}
