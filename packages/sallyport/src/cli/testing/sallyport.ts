import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
/** Every command is a process of its own; compiled once, they start in half the time. */
const CACHED = { NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '..', '..', '..', '..', '.cache', 'compiled') };

export interface Ran {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

/** Runs `sallyport` as a user does, to its end. The environment is ours, what is given comes on top. */
export async function sallyport(args: readonly string[], { env = {}, input = '' } = {}): Promise<Ran> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...CACHED, ...env } });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code, signal] = await once(child, 'close');
  return { code: code ?? signal, out, err };
}

export interface RunningControlPlane {
  readonly child: ChildProcess;
  readonly port: number;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Ends it; gives its exit code, or the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
}

/** `sallyport run`, once it serves. */
export async function running(directory: string, runtime: string, more: readonly string[] = []): Promise<RunningControlPlane> {
  const port = await freePort();
  const args = ['run', '-f', directory, '--runtime-dir', runtime, '--xds', `127.0.0.1:${port}`, '-o', 'json', ...more];
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...CACHED },
  });
  const closed = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const lines: Record<string, unknown>[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
    if (lines.at(-1)!['event'] === 'ready') ready.resolve();
  });
  void closed.then((how) => ready.reject(new Error(`the control plane ended with ${how}`)));
  await ready.promise;
  return {
    child,
    port,
    lines,
    end: (signal = 'SIGTERM') => {
      child.kill(signal);
      return closed;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
