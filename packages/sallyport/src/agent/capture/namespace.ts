import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SallyportError } from '../../lib/error.ts';
import { ipFamily } from '../../lib/ip.ts';
import { connectOutside } from './outside.ts';
import { type Reach, tool, unshareFlags, type Variant } from './requirements.ts';
import { runTool } from './run-tool.ts';

export interface NamespaceOptions {
  readonly variant: Variant;
  readonly reach: Reach;
  /** The workload's addresses inside; in reach `outside` it gets those of the machine. Default 10.99.0.2 and fd99::2. */
  readonly addresses?: readonly string[];
}

/** A namespace as seen by who runs commands in it. */
export interface Entrance {
  readonly variant: Variant;
  /** A process that does nothing but hold the namespace open: `/proc/PID/ns/net` is its name. */
  readonly holder: number;
  /** The command that runs `command` inside with all rights there are inside; for the agent and for tools. */
  inside(command: readonly string[]): string[];
}

export interface Namespace extends Entrance {
  /** Ends every process inside and then the namespace. */
  close(): Promise<void>;
}

export const LAB_ADDRESSES: readonly string[] = ['10.99.0.2', 'fd99::2'];

/**
 * Makes a network namespace and sets up what is in it. It lives as long as this process: the holder reads from a pipe of ours and
 * ends with it. Check `missingForCapture` first; throws TOOL_MISSING or NO_RIGHTS otherwise.
 */
export async function openNamespace(options: NamespaceOptions): Promise<Namespace> {
  const holder = await hold(options.variant);
  const pid = holder.pid!;
  const { inside } = attachNamespace({ variant: options.variant, holder: pid });
  const cleanUp: (() => Promise<void>)[] = [() => endAll(pid, holder)];
  try {
    const outside = await setUp(options, pid, inside);
    if (outside !== undefined) cleanUp.unshift(outside);
  } catch (error) {
    for (const step of cleanUp) await step();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    variant: options.variant,
    holder: pid,
    inside,
    close: () => {
      closing ??= (async () => {
        for (const step of cleanUp) await step();
      })();
      return closing;
    },
  };
}

/** The way into a namespace that another process holds open. */
export function attachNamespace({ variant, holder }: Pick<Entrance, 'variant' | 'holder'>): Entrance {
  const enter = [tool('nsenter'), '--target', String(holder), ...enterFlags(variant), '--'];
  return { variant, holder, inside: (command) => [...enter, ...command] };
}

async function hold(variant: Variant): Promise<ChildProcess> {
  // The shell says that the namespace is there; `cat` ends when our end of the pipe does, however we end.
  const holder = spawn(tool('unshare'), [...unshareFlags(variant), 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  holder.stderr.on('data', (part) => {
    said += part;
  });
  holder.stdin.on('error', () => {});
  const first = await Promise.race([
    once(holder.stdout, 'data').then(() => 'held'),
    once(holder, 'close').then(() => 'ended'),
    once(holder, 'error').then(([cause]) => (cause as Error).message),
  ]);
  if (first !== 'held') throw new SallyportError('NO_RIGHTS', `no network namespace can be made here: ${said.trim() || first}`);
  return holder;
}

function enterFlags(variant: Variant): string[] {
  return variant === 'root' ? ['--net'] : ['--user', '--preserve-credentials', '--net'];
}

type Inside = (command: readonly string[]) => string[];

async function setUp(options: NamespaceOptions, pid: number, inside: Inside): Promise<(() => Promise<void>) | undefined> {
  const ip = (...args: string[]) => runTool(inside([tool('ip'), ...args]));
  await ip('link', 'set', 'lo', 'up');
  if (options.reach === 'outside') return connectOutside(pid, options.variant, inside);
  for (const address of options.addresses ?? LAB_ADDRESSES) {
    const isV6 = ipFamily(address) === 6;
    await ip(isV6 ? '-6' : '-4', 'addr', 'add', `${address}/${isV6 ? 128 : 32}`, 'dev', 'lo', ...(isV6 ? ['nodad'] : []));
  }
  // Every address there is belongs to this machine, so stand-ins answer for all of them; and no connect fails for want of a route
  // before the rules have seen it.
  await ip('-4', 'route', 'add', 'local', '0.0.0.0/0', 'dev', 'lo');
  await ip('-6', 'route', 'add', 'local', '::/0', 'dev', 'lo');
  return undefined;
}

/** Whoever is left inside is ended first: as long as one process is there, so is the namespace, with its ports and its rules. */
async function endAll(pid: number, holder: ChildProcess): Promise<void> {
  const own = await readlink(`/proc/${pid}/ns/net`).catch(() => undefined);
  if (own !== undefined && own !== (await readlink('/proc/self/ns/net').catch(() => undefined))) {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (let waited = 0; waited < 1_500; waited += 50) {
        const inside = await processesIn(own, pid);
        if (inside.length === 0) break;
        if (waited === 0) for (const one of inside) end(one, signal);
        await sleep(50);
      }
    }
  }
  if (holder.exitCode === null && holder.signalCode === null) {
    holder.kill('SIGKILL');
    await once(holder, 'exit');
  }
}

async function processesIn(namespace: string, except: number): Promise<number[]> {
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const links = await Promise.all(all.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => undefined)));
  return all.filter((pid, i) => links[i] === namespace && pid !== except);
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
