/** The text of one YAML document, with the separator line it starts with. */
export interface Slice {
  readonly text: string;
  /** Line of the file that the text starts at, from 1. */
  readonly line: number;
  /** Where in the file the text starts, from 0. */
  readonly offset: number;
}

const SEPARATOR = /(?<![^\r\n])---(?![^ \t\r\n])/g;
const BREAK = /\r\n|\r|\n/g;

/**
 * Cuts a file at its `---` lines. YAML ends every construct there, block texts included, so that a broken document cannot
 * reach into the next one. Slices without content are left out.
 */
export function splitDocuments(text: string): readonly Slice[] {
  const starts = [0, ...Array.from(text.matchAll(SEPARATOR), (found) => found.index)];
  const slices: Slice[] = [];
  let line = 1;
  for (const [i, start] of starts.entries()) {
    const slice = text.slice(start, starts[i + 1] ?? text.length);
    if (hasContent(slice)) slices.push({ text: slice, line, offset: start });
    line += slice.match(BREAK)?.length ?? 0;
  }
  return slices;
}

/** Offset of the first character that is neither blank, comment, separator nor byte order mark; -1 if there is none. */
export function contentStart(slice: string): number {
  let at = slice.charCodeAt(0) === 0xfeff ? 1 : 0;
  if (/^---(?![^ \t\r\n])/.test(slice.slice(at, at + 4))) at += 3;
  for (; at < slice.length; at++) {
    const letter = slice[at]!;
    if (letter === '#') {
      while (at < slice.length && slice[at] !== '\n' && slice[at] !== '\r') at++;
    } else if (letter !== ' ' && letter !== '\t' && letter !== '\n' && letter !== '\r') return at;
  }
  return -1;
}

function hasContent(slice: string): boolean {
  return contentStart(slice) !== -1;
}

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Line and column of an offset, both from 1. */
export function placeAt(text: string, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (const found of text.slice(0, offset).matchAll(BREAK)) {
    line += 1;
    lineStart = found.index + found[0].length;
  }
  return { line, column: offset - lineStart + 1 };
}
