import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AdminClient, adminClient } from 'sallyport/admin/client.ts';
import { type Talker, talker } from './lines.ts';
import { freePort } from './proxy-agent.ts';

/** `sallyport` as a user starts it. */
export const SALLYPORT: readonly string[] = [process.execPath, fileURLToPath(import.meta.resolve('sallyport/cli/main.ts'))];

export type RunLine = { readonly event: string } & Readonly<Record<string, unknown>>;

/** `sallyport run` in a process of its own, on a directory, a runtime directory and a port of its own. */
export interface ControlPlane {
  readonly directory: string;
  readonly runtime: string;
  readonly port: number;
  readonly admin: AdminClient;
  /** The program that runs now: another one after `start`. */
  readonly program: Talker<RunLine>;
  /** Writes a file of the configuration as an editor does, in place. */
  write(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Starts it again in the same place, after it was ended or killed. */
  start(): Promise<void>;
  /** Value of a metric without labels. */
  metric(name: string): Promise<number>;
  close(): Promise<void>;
}

export async function startControlPlane(
  files: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'control-plane-'));
  // A proxy that is a user of its own has to pass on its way to the socket.
  await chmod(folder, 0o711);
  const [directory, runtime, port] = [join(folder, 'mesh'), join(folder, 'run'), await freePort()];
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  };
  const admin = adminClient(join(runtime, 'admin', 'admin.sock'));
  const run = async (): Promise<Talker<RunLine>> => {
    const place = ['-f', directory, '--runtime-dir', runtime, '--xds', `127.0.0.1:${port}`];
    const started = talker<RunLine>([...SALLYPORT, 'run', ...place, '-o', 'json', ...args]);
    await started.until(({ event }) => event === 'ready');
    return started;
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  let program = await run();
  return {
    directory,
    runtime,
    port,
    admin,
    get program() {
      return program;
    },
    write,
    remove: (path) => rm(join(directory, path), { recursive: true }),
    start: async () => {
      program = await run();
    },
    metric: async (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await admin.metrics())?.[1]),
    close: async () => {
      await program.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
