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
  for (const stream of [process.stdout, process.stderr]) stream.on('error', unlessClosed);
  const isTerminal = process.stdout.isTTY === true;
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const wantsColor = !NO_COLOR && (FORCE_COLOR === '1' || (isTerminal && TERM !== 'dumb'));
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    colors: pico.createColors(wantsColor),
    width: isTerminal ? process.stdout.columns : undefined,
    env: process.env,
  };
}

/** Whoever reads a pipe may have seen enough, as `head` does; that is no failure of ours. */
function unlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

export type OutputFormat = 'text' | 'json';

/** Prints JSON for machines, or what `text` says for people. */
export function print(terminal: Terminal, format: OutputFormat, value: unknown, text: () => string): void {
  terminal.out(format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : text());
}

/** A table without rules, as wide as its content, cut to the terminal's width with an ellipsis in the widest columns. */
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

/** A column is not cut below this. */
const LEAST_WIDTH = 12;

function fit(widths: number[], available: number | undefined): void {
  if (available === undefined) return;
  for (let excess = widths.reduce((sum, w) => sum + w, 0) - available; excess > 0; excess -= 1) {
    const widest = Math.max(...widths);
    if (widest <= LEAST_WIDTH) return;
    widths[widths.indexOf(widest)] = widest - 1;
  }
}

function plainLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes start with the escape character
  return text.replace(/\u001b\[[0-9;]*m/g, '').length;
}
