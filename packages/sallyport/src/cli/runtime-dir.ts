import { stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Where a running control plane and its workloads can be found by other commands of the same user. */
export interface RuntimeDir {
  readonly root: string;
  /** Admin API; its owner alone may open it. */
  readonly admin: string;
  /** ADS for proxies in other network namespaces, as open as port 15010 (docs/decisions/0006-unauthenticated-port.md). */
  readonly xds: string;
  /** One file for each captured workload: how to enter it. */
  readonly workloads: string;
  /** The names that the control plane told each workload, for when it is started again. */
  readonly names: string;
}

export function runtimeDir(given: string | undefined, env: NodeJS.ProcessEnv = process.env): RuntimeDir {
  const root =
    given ??
    env['SALLYPORT_RUNTIME_DIR'] ??
    (env['XDG_RUNTIME_DIR'] ? join(env['XDG_RUNTIME_DIR'], 'sallyport') : join(tmpdir(), `sallyport-${userInfo().uid}`));
  return {
    root,
    admin: join(root, 'admin', 'admin.sock'),
    xds: join(root, 'xds', 'xds.sock'),
    workloads: join(root, 'workloads'),
    names: join(root, 'names'),
  };
}

/**
 * The nearest folder above `path` that other users may not pass, so that a proxy that runs as a user of its own never gets to
 * what is in it. Folders that are not there yet are left out: whoever makes them opens them.
 */
export async function closedFolder(path: string): Promise<string | undefined> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && (found.mode & 0o001) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
