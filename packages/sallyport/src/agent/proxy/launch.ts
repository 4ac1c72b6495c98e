import { findTool } from '../tools.ts';
import { LOG_FORMAT, type LogLevel } from './log-line.ts';

/**
 * With which rights Envoy runs. `as-we-are`: nothing to keep apart. `user`: another user id, by which captured traffic is told
 * apart; needs root. `marking`: ours, but of all rights only that to mark its own packets.
 */
export type Rights =
  | { readonly kind: 'as-we-are' }
  | { readonly kind: 'user'; readonly uid: number; readonly gid: number }
  | { readonly kind: 'marking' };

export interface LaunchOptions {
  readonly binary: string;
  readonly bootstrapPath: string;
  readonly rights: Rights;
  /** How long a changed listener keeps its old connections; `--drain-time-s`. Default 45. */
  readonly drainSeconds?: number;
  /** `--parent-shutdown-time-s`. Default 60. */
  readonly parentShutdownSeconds?: number;
  /** Worker threads. Default: as many as processors. */
  readonly concurrency?: number;
  readonly logLevel?: LogLevel;
}

export interface Launch {
  readonly command: readonly string[];
  /** The binary is handed over as file descriptor 3, for another user may be unable to reach its path (a home directory). */
  readonly binaryAsDescriptor: boolean;
}

/** The command that starts Envoy. On Linux it is told to die with us: an orphan would hold its ports and its namespace. */
export function launchOf(options: LaunchOptions): Launch {
  const args = [
    '--config-path',
    options.bootstrapPath,
    '--drain-time-s',
    String(options.drainSeconds ?? 45),
    '--parent-shutdown-time-s',
    String(options.parentShutdownSeconds ?? 60),
    '--disable-hot-restart',
    // What follows Istio uses fields that Envoy wants to replace; those who read this log cannot do anything about it.
    '--skip-deprecated-logs',
    // Access log lines appear when it happens, not up to ten seconds later.
    '--file-flush-interval-msec',
    '200',
    '--log-level',
    options.logLevel ?? 'warning',
    '--log-format',
    LOG_FORMAT,
    ...(options.concurrency === undefined ? [] : ['--concurrency', String(options.concurrency)]),
  ];
  const setpriv = findTool('setpriv');
  const { rights } = options;
  if (process.platform !== 'linux' || (setpriv === undefined && rights.kind === 'as-we-are'))
    return { command: [options.binary, ...args], binaryAsDescriptor: false };
  const binary = rights.kind === 'user' ? '/proc/self/fd/3' : options.binary;
  return {
    command: [setpriv ?? 'setpriv', ...flagsFor(rights), '--pdeathsig', 'KILL', '--', binary, ...args],
    binaryAsDescriptor: rights.kind === 'user',
  };
}

function flagsFor(rights: Rights): string[] {
  switch (rights.kind) {
    case 'as-we-are':
      return [];
    case 'user':
      return [
        `--reuid=${rights.uid}`,
        `--regid=${rights.gid}`,
        '--clear-groups',
        '--inh-caps=-all',
        '--bounding-set=-all',
        '--no-new-privs',
      ];
    case 'marking':
      // Root of a user namespace gets on exec whatever the bounding set leaves.
      return ['--inh-caps=-all', '--bounding-set=-all,+net_admin'];
  }
}
