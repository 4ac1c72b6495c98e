import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A command that stays up and says what happens in JSON lines, each with an `event`. */
export interface KeptChild {
  readonly pid: number;
  readonly isRunning: boolean;
  /** Resolves with the first event of that name, also when it came before; throws what the command said if it ends before. */
  until(event: string, timeoutMs: number): Promise<Said>;
  /** Sends the signal and waits for the end; SIGKILL follows if it has not ended after some seconds. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export interface Said {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface KeptOptions {
  /** What it is to people, e.g. `control plane`. */
  readonly title: string;
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly hear?: (said: Said) => void;
}

const ENDS_MS = 10_000;

/** Starts the command in a session of its own, so that Ctrl-C reaches us alone and we end it in order. */
export function keep({ title, command, env, hear }: KeptOptions): KeptChild {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
  const said: Said[] = [];
  let complaints = '';
  let wake: () => void = () => {};
  let changed = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const notify = (): void => {
    wake();
    changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
  };
  let ended = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const one = parsed(line);
    if (one.event !== 'access') said.push(one);
    hear?.(one);
    notify();
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    complaints = `${complaints}${part}`.slice(-8_000);
  });
  child.once('error', (error) => {
    complaints += error.message;
  });
  child.once('close', () => {
    ended = true;
    notify();
  });
  return {
    pid: child.pid ?? -1,
    get isRunning() {
      return !ended;
    },
    until: async (event, timeoutMs) => {
      const late = AbortSignal.timeout(timeoutMs);
      const isLate = new Promise<void>((resolve) => late.addEventListener('abort', () => resolve(), { once: true }));
      for (;;) {
        const found = said.find((one) => one.event === event);
        if (found !== undefined) return found;
        const last = [...said.slice(-3).map((one) => JSON.stringify(one)), complaints.trim()].filter((text) => text !== '');
        if (ended) throw new Error(`the ${title} ended before it was ${event}: ${last.join('\n')}`);
        if (late.aborted) throw new Error(`the ${title} was not ${event} after ${timeoutMs / 1000} s: ${last.join('\n')}`);
        await Promise.race([changed, isLate]);
      }
    },
    end: (signal = 'SIGTERM') => endOf(child, () => ended, signal),
  };
}

async function endOf(child: ChildProcess, ended: () => boolean, signal: NodeJS.Signals): Promise<void> {
  if (ended() || child.pid === undefined) return;
  const closed = once(child, 'close');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_MS);
  await closed;
  clearTimeout(timer);
}

function parsed(line: string): Said {
  try {
    const value = JSON.parse(line) as unknown;
    if (typeof value === 'object' && value !== null && 'event' in value) return value as Said;
  } catch {
    // Not everything that a command prints is meant for machines.
  }
  return { event: 'text', text: line };
}
