import { fieldText, type Issue, objectId, type Severity } from '../model/index.ts';
import type { Terminal } from './terminal.ts';

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** One finding as people read it: place, weight, sentence, and what to write instead. */
export function issueText(issue: Issue, { colors }: Pick<Terminal, 'colors'>): string {
  const paint = { error: colors.red, warning: colors.yellow, info: colors.cyan }[issue.severity];
  const place = issue.origin === undefined ? '' : `${issue.origin.path}:${issue.origin.line}:${issue.origin.column} `;
  const object =
    issue.object === undefined
      ? ''
      : ` ${colors.dim(`(${objectId(issue.object)}${issue.field === undefined ? '' : ` ${fieldText(issue.field)}`})`)}`;
  const hint = issue.hint === undefined ? '' : `\n    ${colors.green('→')} ${issue.hint}`;
  return `${place}${paint(issue.severity)} ${colors.bold(issue.code)} ${issue.message}${object}${hint}\n`;
}

export interface Summary {
  readonly error: number;
  readonly warning: number;
  readonly info: number;
}

export function summarise(issues: readonly Issue[]): Summary {
  const count = (severity: Severity) => issues.filter((issue) => issue.severity === severity).length;
  return { error: count('error'), warning: count('warning'), info: count('info') };
}

export function summaryText({ error, warning, info }: Summary): string {
  const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
  return `${plural(error, 'error')}, ${plural(warning, 'warning')}, ${info} info`;
}

export function isAtLeast(issue: Issue, severity: Severity): boolean {
  return RANK[issue.severity] <= RANK[severity];
}

/** The JSON form of design.md section 4, `validate`. */
export function findingJson(issue: Issue): Readonly<Record<string, unknown>> {
  return {
    layer: layerOf(issue),
    code: issue.code,
    severity: issue.severity,
    kind: issue.object?.kind,
    namespace: issue.object?.namespace,
    name: issue.object?.name,
    field: issue.field === undefined ? undefined : fieldText(issue.field),
    file: issue.origin?.path,
    line: issue.origin?.line,
    column: issue.origin?.column,
    message: issue.message,
    hint: issue.hint,
  };
}

/** Which check speaks: the shape of one document, or what objects mean to one another. */
function layerOf(issue: Issue): 'schema' | 'analysis' {
  const alone =
    /^(SOURCE|FILE|YAML|DOCUMENT|UNKNOWN_KIND|UNSUPPORTED_VERSION|NOT_ACTED_ON|UNKNOWN_FIELD|INVALID_VALUE|MISSING_FIELD|PLACEHOLDER|DUPLICATE_OBJECT)/;
  return alone.test(issue.code) ? 'schema' : 'analysis';
}
