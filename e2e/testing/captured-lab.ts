import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, chown, copyFile, link, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Variant } from 'sallyport/agent/capture/index.ts';
import { resolveEnvoy } from 'sallyport/agent/envoy-binary.ts';
import type { Saw } from './captured-calls.ts';

const NOBODY = 65534;

/** Runs `captured-calls.ts`; the rootless variant as a plain user, when this process is root and that user can read the checkout. */
export async function runLab(variant: Variant): Promise<Saw & { readonly asPlainUser: boolean }> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-'));
  const isRoot = process.getuid?.() === 0;
  const demoted = variant === 'rootless' && isRoot && (await canRead(import.meta.dirname));
  try {
    const envoy = join(folder, 'envoy');
    const { path } = await resolveEnvoy();
    // The plain user may be unable to reach the cache of the user who runs the tests.
    await link(path, envoy).catch(() => copyFile(path, envoy));
    await chmod(envoy, 0o755);
    if (demoted) await chown(folder, NOBODY, NOBODY);
    else await chmod(folder, 0o755);
    const command = [process.execPath, join(import.meta.dirname, 'captured-calls.ts'), variant, folder];
    const { code, out, said } = await finish(demoted ? [...asNobody, ...command] : command, {
      ...process.env,
      ENVOY_PATH: envoy,
    });
    if (code !== 0) throw new Error(`the laboratory failed: ${said}`);
    return { ...(JSON.parse(out) as Saw), asPlainUser: demoted || !isRoot };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];

async function canRead(folder: string): Promise<boolean> {
  const tried = await finish([...asNobody, 'ls', folder, process.execPath], process.env);
  return tried.code === 0;
}

async function finish(command: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number; out: string; said: string }> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env });
  let [out, said] = ['', ''];
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.on('data', (part) => {
    said += part;
  });
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
  return { code, out, said };
}

/** Whether a process with this id exists. */
export function isThere(pid: number): boolean {
  try {
    accessSync(`/proc/${pid}`, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}
