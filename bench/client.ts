import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** Where the client's source is: ADSLOAD_DIR, or the folder `shared/adsload` beside the repository. */
const sourceDir = process.env.ADSLOAD_DIR ?? fileURLToPath(new URL('../../shared/adsload', import.meta.url));

/** Responses since the last mark, as the client counted them. Times in milliseconds since the epoch, 0 for never. */
export interface Seen {
  readonly first: number;
  readonly last: number;
  readonly messages: number;
  readonly proxies: number;
  /** Bytes received on all connections. */
  readonly wire: number;
  readonly rejected: number;
  readonly down: number;
  readonly timedOut: boolean;
}

interface RawSeen {
  readonly first: number;
  readonly last: number;
  readonly msgs: number;
  readonly proxies: number;
  readonly wire: number;
  readonly rejected: number;
  readonly down: number;
  readonly timedOut: boolean;
}

/** P simulated sidecars in a process of their own that acknowledges everything and never decodes a body. */
export interface Client {
  mark(): Promise<void>;
  connect(): Promise<void>;
  reconnect(): Promise<void>;
  /** Waits until nothing has come for `quietMs` and at least `messages` have come. */
  quiet(quietMs: number, timeoutMs: number, messages: number): Promise<Seen>;
  stop(): Promise<void>;
}

/** Builds the client. Throws, with words for the user, where its source or Go is missing. */
export function buildClient(): string {
  if (!existsSync(join(sourceDir, 'go.mod')))
    throw new Error(`there is no load client in ${sourceDir}: set ADSLOAD_DIR to the folder with the source of adsload`);
  const binary = join(tmpdir(), 'sallyport-bench', 'adsload');
  mkdirSync(join(binary, '..'), { recursive: true });
  try {
    execFileSync('go', ['build', '-o', binary, '.'], { cwd: sourceDir, stdio: ['ignore', 'inherit', 'inherit'] });
  } catch (error) {
    throw new Error('the load client could not be built: is Go installed?', { cause: error });
  }
  return binary;
}

export function startClient(binary: string, port: number, proxies: number): Client {
  const args = ['-addr', `127.0.0.1:${port}`, '-proxies', String(proxies), '-namespaces', '50'];
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(binary, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const say = async (command: string): Promise<unknown> => {
    child.stdin.write(`${command}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the load client ended');
    return JSON.parse(value);
  };
  return {
    mark: async () => void (await say('mark')),
    connect: async () => void (await say('connect')),
    reconnect: async () => void (await say('reconnect')),
    quiet: async (quietMs, timeoutMs, messages) => {
      const raw = (await say(`quiet ${quietMs} ${timeoutMs} ${messages}`)) as RawSeen;
      const { first, last, msgs, ...rest } = raw;
      return { ...rest, first: first / 1e6, last: last / 1e6, messages: msgs };
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.stdin.write('quit\n');
      await ended;
    },
  };
}
