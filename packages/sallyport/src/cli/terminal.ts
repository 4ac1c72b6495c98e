import Table from 'cli-table3';
import pico from 'picocolors';

/** Where a command writes. Data goes to `out`, everything said to people goes to `err`, so that pipes stay clean. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly colors: ReturnType<typeof pico.createColors>;
  /** Columns of the terminal, or undefined in a pipe. */
  readonly width: number | undefined;
  readonly env: NodeJS.ProcessEnv;
}

export function processTerminal(): Terminal {
  const isTerminal = process.stdout.isTTY === true;
  const wantsColor = isTerminal && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    colors: pico.createColors(wantsColor || process.env['FORCE_COLOR'] === '1'),
    width: isTerminal ? process.stdout.columns : undefined,
    env: process.env,
  };
}

export type OutputFormat = 'text' | 'json';

/** Prints JSON for machines, or what `text` says for people. */
export function print(terminal: Terminal, format: OutputFormat, value: unknown, text: () => string): void {
  terminal.out(format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : text());
}

/** A table without rules, as wide as its content, cut to the terminal's width with an ellipsis in the widest column. */
export function table(terminal: Terminal, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => plainLength(row[i] ?? ''))) + 2);
  fit(widths, terminal.width);
  const blank = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  };
  const lines = new Table({
    head: head.map((title) => terminal.colors.dim(title)),
    colWidths: widths,
    chars: { ...blank, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
  });
  lines.push(...rows.map((row) => [...row]));
  return `${lines
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

function fit(widths: number[], available: number | undefined): void {
  if (available === undefined) return;
  const excess = widths.reduce((sum, w) => sum + w, 0) - available;
  if (excess <= 0) return;
  const widest = widths.indexOf(Math.max(...widths));
  widths[widest] = Math.max(12, widths[widest]! - excess);
}

function plainLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes start with the escape character
  return text.replace(/\u001b\[[0-9;]*m/g, '').length;
}
