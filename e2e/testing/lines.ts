import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program that says one JSON object a line, and what it has said so far. */
export interface Talker<Line> {
  readonly child: ChildProcess;
  readonly lines: readonly Line[];
  /** Everything on its error stream. */
  said(): string;
  /** The first line from `from` on that the test accepts, also one that has been said already. Throws when the program ends or time is up. */
  until(accepts: (line: Line) => boolean, options?: { readonly from?: number; readonly ms?: number }): Promise<Line>;
  /** Ends it and gives the exit code, or the name of the signal. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
}

/** Starts it with an open standard input. Lines that are no JSON count as said on the error stream. */
export function talker<Line>([file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv = process.env): Talker<Line> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  let said = '';
  child.stdin.on('error', () => {});
  child.stderr.on('data', (part) => {
    said += part;
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    try {
      lines.push(JSON.parse(text) as Line);
    } catch {
      said += `${text}\n`;
    }
    for (const look of [...waiting]) look();
  });
  const closed = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return {
    child,
    lines,
    said: () => said,
    until: (accepts, { from = 0, ms = 30_000 } = {}) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const look = (): void => {
          const found = lines.slice(from).find(accepts);
          if (found === undefined) return;
          settle();
          resolve(found);
        };
        const fail = (why: string): void => {
          settle();
          reject(
            new Error(
              `${file} ${why}; it said: ${said}${lines
                .slice(-5)
                .map((line) => JSON.stringify(line))
                .join('\n')}`,
            ),
          );
        };
        const timer = setTimeout(() => fail(`said nothing of the kind for ${ms} ms`), ms);
        waiting.add(look);
        void closed.then((how) => {
          if (waiting.has(look)) fail(`ended with ${how}`);
        });
        look();
      }),
    end: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return closed;
    },
  };
}
