import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SallyportError } from '../lib/error.ts';
import type { Rights } from './proxy/launch.ts';

/** The agent's private directory: nothing in it is for the application, whose view of it is empty (capture/exec.ts). */
export interface AgentFolder {
  readonly path: string;
  /** Belongs to the user that Envoy runs as; mode 0700. */
  readonly envoy: string;
  readonly adminPath: string;
  readonly sdsPath: string;
  remove(): Promise<void>;
}

/** The kernel's bound for the path of a Unix socket, without the final zero. */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;

/** Makes the directory, at `path` or at a new place under the system's directory for temporary files. */
export async function makeFolder(rights: Rights, path?: string): Promise<AgentFolder> {
  const mode = rights.kind === 'user' ? 0o711 : 0o700;
  const made = path ?? (await mkdtemp(join(tmpdir(), 'sallyport-')));
  const envoy = join(made, 'envoy');
  const adminPath = join(envoy, 'admin.sock');
  if (Buffer.byteLength(adminPath) > LONGEST_PATH) {
    throw new SallyportError(
      'FILE',
      `${adminPath} is too long for a socket (at most ${LONGEST_PATH} bytes); choose a shorter directory`,
    );
  }
  try {
    await mkdir(made, { recursive: true, mode });
    // mkdtemp makes it 0700, which another user's Envoy could not pass.
    if (path === undefined && mode === 0o711) await chmod(made, mode);
    await mkdir(envoy, { recursive: true, mode: 0o700 });
    if (rights.kind === 'user') await chown(envoy, rights.uid, rights.gid);
  } catch (cause) {
    throw new SallyportError('FILE', `the agent cannot make its directory ${made}: ${(cause as Error).message}`, { cause });
  }
  return {
    path: made,
    envoy,
    adminPath,
    sdsPath: join(envoy, 'sds.sock'),
    remove: () => rm(path === undefined ? made : envoy, { recursive: true, force: true }),
  };
}
