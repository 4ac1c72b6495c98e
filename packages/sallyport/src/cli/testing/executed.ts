import pico from 'picocolors';
import { runProgram } from '../program.ts';

/** What a command printed, and how it would exit. */
export interface Executed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process, as `main.ts` does, with a terminal that remembers. One at a time: the exit code is the process's. */
export async function executed(...args: readonly string[]): Promise<Executed> {
  const [out, err]: [string[], string[]] = [[], []];
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const code = await runProgram(args, {
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      colors: pico.createColors(false),
      width: undefined,
      env: process.env,
    });
    return { code, out: out.join(''), err: err.join('') };
  } finally {
    process.exitCode = before;
  }
}
