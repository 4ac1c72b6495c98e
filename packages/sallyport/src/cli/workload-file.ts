import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Variant } from '../agent/capture/index.ts';
import { SallyportError } from '../lib/error.ts';
import type { RuntimeDir } from './runtime-dir.ts';

/** How another command of the same user enters a running workload. */
export interface WorkloadFile {
  readonly name: string;
  readonly namespace: string;
  /** Process id of the agent command that keeps it up. */
  readonly agent: number;
  readonly mode:
    | { readonly kind: 'capture'; readonly variant: Variant; readonly holder: number }
    | { readonly kind: 'proxy'; readonly port: number };
  /** Port where its agent says whether it is ready. */
  readonly health: number;
  /** Directories that its application must not see. */
  readonly hide: readonly string[];
}

export async function writeWorkload({ workloads }: RuntimeDir, workload: WorkloadFile): Promise<() => Promise<void>> {
  await mkdir(workloads, { recursive: true, mode: 0o700 });
  const path = join(workloads, `${workload.name}.json`);
  const present = await readWorkload(path);
  if (present !== undefined) {
    throw new SallyportError(
      'PORT_IN_USE',
      `a workload ${workload.name} is running already (process ${present.agent}); choose another --name`,
    );
  }
  await writeFile(`${path}.new`, JSON.stringify(workload), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return () => rm(path, { force: true });
}

/** The workload of that name, or the only one there is. Throws USAGE when it is not clear which one is meant. */
export async function findWorkload({ workloads }: RuntimeDir, name: string | undefined): Promise<WorkloadFile | undefined> {
  const names = await readdir(workloads).catch(() => []);
  const all = await Promise.all(names.filter((n) => n.endsWith('.json')).map((n) => readWorkload(join(workloads, n))));
  const running = all.filter((workload) => workload !== undefined);
  if (name !== undefined) {
    const found = running.find((workload) => workload.name === name);
    if (found !== undefined) return found;
    throw new SallyportError(
      'USAGE',
      `no workload is called ${name}${running.length === 0 ? ', and none is running' : `; running are ${running.map((w) => w.name).join(', ')}`}`,
    );
  }
  if (running.length > 1) {
    throw new SallyportError(
      'USAGE',
      `several workloads are running: name one of ${running.map((w) => w.name).join(', ')} with --workload`,
    );
  }
  return running[0];
}

/** A file whose process is gone was left by one that was killed: it says nothing any more. */
async function readWorkload(path: string): Promise<WorkloadFile | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const workload = JSON.parse(text) as WorkloadFile;
  if (isAlive(workload.agent)) return workload;
  await rm(path, { force: true });
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
