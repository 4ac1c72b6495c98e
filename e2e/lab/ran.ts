import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** What a command did, from its start to its end. */
export interface Ran {
  /** Exit code, or 128 and the number of the signal that ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** What the command reads; nothing if it is not given. */
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** Runs a command to its end. It never throws for what the command does, only if it cannot be started. */
export function run(command: readonly string[], { env, input, signal }: RunOptions = {}): Promise<Ran> {
  const [file = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(env && { env }),
      ...(signal && { signal }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      stdout += part;
    });
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      stderr += part;
    });
    // A command may end before it has read what it was given.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
    child.once('error', reject);
    child.once('close', (code, by) => resolve({ code: code ?? 128 + (by === null ? 0 : constants.signals[by]), stdout, stderr }));
  });
}
