import { setTimeout as sleep } from 'node:timers/promises';
import { adminClient } from 'sallyport/admin/client.ts';
import { runtimeDir as placesIn } from 'sallyport/cli/runtime-dir.ts';
import { sallyportCommand } from './environment.ts';
import { type KeptChild, keep, type Said } from './kept-child.ts';

export interface ControlPlane {
  /** What it has said since the laboratory began, over all its lives. */
  readonly said: readonly Said[];
  readonly isRunning: boolean;
  readonly pid: number;
  /** Ends it without ceremony, or with it: SIGKILL, SIGTERM. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same directory, the same port and the same sockets; ends it first if it runs. */
  restart(): Promise<void>;
  /** Resolves when every connected proxy has acknowledged all that it should have; throws after the timeout. */
  settled(timeoutMs?: number): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly configDir: string;
  readonly meshFile: string;
  readonly runtimeDir: string;
  readonly port: number;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const STARTS_MS = 30_000;

/** Runs `sallyport run` as a child process. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { configDir, meshFile, runtimeDir, port, env } = options;
  const said: Said[] = [];
  const args = ['run', '-f', configDir, '--mesh-config', meshFile, '--xds', `127.0.0.1:${port}`, '-o', 'json', ...options.args];
  const start = async (): Promise<KeptChild> => {
    const one = keep({ title: 'control plane', command: sallyportCommand(args), env, hear: (event) => said.push(event) });
    try {
      await one.until('ready', STARTS_MS);
    } catch (error) {
      await one.end('SIGKILL');
      throw error;
    }
    return one;
  };
  let child = await start();
  const admin = adminClient(placesIn(runtimeDir).admin);
  return {
    said,
    get isRunning() {
      return child.isRunning;
    },
    get pid() {
      return child.pid;
    },
    kill: (signal) => child.end(signal),
    restart: async () => {
      await child.end();
      child = await start();
    },
    settled: async (timeoutMs = 5_000) => {
      const until = performance.now() + timeoutMs;
      for (;;) {
        const proxies = await admin.proxies();
        const open = proxies.flatMap(({ types }) => types.filter(({ state, pending }) => state === 'sending' || pending > 0));
        if (proxies.length > 0 && open.length === 0) return;
        if (performance.now() > until)
          throw new Error(`proxies have not acknowledged after ${timeoutMs / 1000} s: ${JSON.stringify(proxies)}`);
        await sleep(25);
      }
    },
  };
}
