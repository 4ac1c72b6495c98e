import { type StdioOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { SallyportError } from '../../lib/error.ts';
import type { Entrance } from './namespace.ts';
import { tool } from './requirements.ts';
import { ENVOY_UID } from './users.ts';

export interface ConfinedOptions {
  /** Who the application is, in the root variant. It must be neither root nor the proxy's user. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Directories it finds empty: where the agent and the control plane have their sockets. */
  readonly hide?: readonly string[];
}

export interface ExecOptions extends ConfinedOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdio?: StdioOptions;
  readonly signal?: AbortSignal;
}

/** Mounts an empty directory over each argument before `--`, then becomes the rest. */
const HIDE =
  'while [ "$1" != -- ]; do mount -t tmpfs -o ro,nosuid,nodev,noexec,size=4k,mode=0755 hidden "$1" || exit 125; shift; done; shift; exec "$@"';

/**
 * The command that runs the application in the namespace without any right over it: it can neither mark its packets, nor change the
 * rules, nor trace the proxy, nor find its sockets, and gains no right by running another program (spec/envoy.md 3).
 */
export function confined(namespace: Entrance, command: readonly string[], options: ConfinedOptions = {}): string[] {
  const user = userFlags(namespace, options.user);
  const hide = options.hide ?? [];
  const drop = [
    tool('setpriv'),
    ...user,
    '--inh-caps=-all',
    '--ambient-caps=-all',
    '--bounding-set=-all',
    '--no-new-privs',
    '--',
  ];
  if (hide.length === 0) return namespace.inside([...drop, ...command]);
  const unshare = [tool('unshare'), '--mount', '--propagation', 'private', '--'];
  return namespace.inside([...unshare, 'sh', '-c', HIDE, 'sh', ...hide, '--', ...drop, ...command]);
}

/** Runs the application to its end; its exit code, or 128 and the number of the signal that ended it. */
export function execIn(namespace: Entrance, command: readonly string[], options: ExecOptions = {}): Promise<number> {
  const [file = '', ...args] = confined(namespace, command, options);
  const { env, cwd, stdio = 'inherit', signal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio,
      ...(env && { env }),
      ...(cwd !== undefined && { cwd }),
      ...(signal && { signal, killSignal: 'SIGTERM' }),
    });
    child.once('error', (cause) => {
      if (cause.name !== 'AbortError')
        reject(new SallyportError('TOOL_MISSING', `${file} cannot be started: ${cause.message}`, { cause }));
    });
    child.once('close', (code, by) => resolve(code ?? 128 + (by === null ? 0 : constants.signals[by])));
  });
}

function userFlags(namespace: Entrance, user: ConfinedOptions['user']): string[] {
  if (namespace.variant === 'rootless') {
    if (user === undefined) return [];
    throw new SallyportError('USAGE', 'without root a command can only run as yourself; leave out --user');
  }
  if (user === undefined || user.uid === 0 || user.uid === ENVOY_UID) {
    throw new SallyportError(
      'USAGE',
      `name a user for the command with --user that is neither root nor ${ENVOY_UID}, by which the proxy is told apart`,
    );
  }
  return [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
}
