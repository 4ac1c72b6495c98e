import { YAMLException } from 'js-yaml';
import { type Finding, shown } from '../finding.ts';
import { MAX_ALIASES, MAX_DEPTH } from './limits.ts';
import { start } from './position.ts';
import { secondObjectLine } from './run-together.ts';
import type { Place } from './split.ts';

/** What is wrong with a text that the YAML reader refused, in the words of somebody who writes configuration. */
export function syntaxFinding(text: string, error: unknown): Finding {
  if (!(error instanceof YAMLException) || error.mark === undefined)
    return at(start(text), 'YAML_SYNTAX', 'the document cannot be read as YAML', 'shorten or simplify it');
  const reason = error.reason;
  // Aliases are refused at their name; what the user wrote starts with the star.
  const star = /alias/.test(reason) && text[error.mark.position - 1] === '*' ? 1 : 0;
  const place: Place = { line: error.mark.line + 1, column: error.mark.column + 1 - star };
  if (/aliases exceeded|merge keys exceeded|recursive alias/.test(reason)) return tooManyAliases(place);
  if (/nesting exceeded/.test(reason))
    return at(
      place,
      'YAML_SYNTAX',
      `values are nested more than ${MAX_DEPTH} levels deep`,
      'close the brackets that were opened',
    );
  const together = secondObjectLine(text);
  if (together !== undefined) return runTogether(text, together);
  const tab = tabBefore(text, place);
  if (tab !== undefined) return at(tab, 'YAML_TAB', 'a tab is used for indentation, which YAML forbids', 'indent with spaces');
  if (reason === 'duplicated mapping key') return duplicateKey(text, place);
  return { ...at(place, 'YAML_SYNTAX', `the document is no valid YAML: ${said(reason)}`), ...hintFor(text, place, reason) };
}

export function tooManyAliases(place: Place): Finding {
  return at(
    place,
    'YAML_ALIASES',
    `the document repeats itself through aliases (*name) without bound; at most ${MAX_ALIASES} are read`,
    'write the values out',
  );
}

function runTogether(text: string, line: number): Finding {
  const column = lineText(text, line + 1).search(/\S/) + 1;
  const indented = column > 1 ? `, and it is indented by ${column - 1}` : '';
  return at(
    { line: line + 1, column },
    'DOCUMENT_RUN_TOGETHER',
    `a second object starts here without a separator${indented}`,
    `write a line --- before this one${column > 1 ? ' and start it at the left margin' : ''}`,
  );
}

function duplicateKey(text: string, place: Place): Finding {
  const key = /^["']?([^"':\s]+)/.exec(lineText(text, place.line).slice(place.column - 1))?.[1] ?? '';
  return at(place, 'YAML_DUPLICATE_KEY', `the key ${shown(key)} stands twice in one mapping`, 'keep one of the two');
}

/** The first tab used as indentation, on the refused line or on the one before it. */
function tabBefore(text: string, place: Place): Place | undefined {
  for (const line of [place.line - 1, place.line]) {
    const tab = /^[ ]*\t/.exec(lineText(text, line));
    if (tab !== null && lineText(text, line).trim() !== '') return { line, column: tab[0].length };
  }
  return undefined;
}

/** Reader's phrases that say too little on their own. */
function said(reason: string): string {
  if (reason === 'can not read a block mapping entry; a multiline key may not be an implicit key')
    return 'a line has no `key: value`, or the line before it is not finished';
  if (reason === 'bad indentation of a mapping entry') return 'the indentation does not fit the lines around it';
  return reason;
}

function hintFor(text: string, place: Place, reason: string): { readonly hint?: string } {
  const line = lineText(text, place.line);
  const separator = /^---[^ \t\r\n]/m.exec(text);
  if (separator !== null) return { hint: 'a separator is a line of exactly three dashes: ---' };
  if (/unidentified alias|name of an alias/.test(reason) || /[-:[,] *\*/.test(line))
    return { hint: 'quote a value that starts with *, for example "*.example.com"' };
  if (/: *[@`%]|- *[@`%]/.test(line)) return { hint: 'quote a value that starts with @, % or `' };
  if (/^[ ]*(?:- )?[\w-]+:\S/.test(line)) return { hint: 'put a space after the colon' };
  if (/mapping entry|flow collection/.test(reason) && /: .*: /.test(line)) return { hint: 'quote a value that contains ": "' };
  if (/deficient indentation|flow collection|quoted scalar/.test(reason))
    return { hint: 'close the bracket or quote that was opened before' };
  return {};
}

function lineText(text: string, line: number): string {
  return text.split(/\r\n|\r|\n/)[line - 1] ?? '';
}

function at(place: Place, code: Finding['code'], message: string, hint?: string): Finding {
  return { code, severity: 'error', message, field: [], place, ...(hint === undefined ? {} : { hint }) };
}
