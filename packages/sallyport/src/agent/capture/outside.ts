import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SallyportError } from '../../lib/error.ts';
import { findTool } from '../tools.ts';
import { tool, type Variant } from './requirements.ts';
import { runTool } from './run-tool.ts';

const READY_MS = 5_000;
const FLAGS = [
  '--foreground',
  '--quiet',
  '--config-net',
  // Without these, ports of the machine's loopback, the control plane's among them, would be reachable from inside.
  '--no-map-gw',
  ...['-t', '-u', '-T', '-U'].flatMap((direction) => [direction, 'none']),
];

/**
 * Connects a namespace to the outside world through pasta: connections leave as the user's own, in user space, and nothing of the
 * machine changes: no bridge, no forwarding, no masquerading that other software might undo. Gives the step that takes it away.
 */
export async function connectOutside(
  holder: number,
  variant: Variant,
  inside: (command: readonly string[]) => string[],
): Promise<() => Promise<void>> {
  if (findTool('pasta') === undefined) {
    throw new SallyportError(
      'TOOL_MISSING',
      'pasta is missing, which connects the network namespace to the outside world: apt install passt',
    );
  }
  const name = `sallyport-${holder}`;
  // pasta gives up the right to look at the holder before it looks; a name of the namespace it may open.
  if (variant === 'root') await runTool([tool('ip'), 'netns', 'attach', name, String(holder)]);
  try {
    const target = variant === 'root' ? ['--runas', '0:0', '--no-netns-quit', '--netns', name] : [String(holder)];
    // Detached, so that an interrupt at the terminal reaches the application and not its way out; but it ends with us.
    const command = [tool('setpriv'), '--pdeathsig', 'KILL', '--', tool('pasta'), ...FLAGS, ...target];
    const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    await untilRouted(child, inside([tool('ip'), 'route', 'show', 'default']));
    return async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    };
  } finally {
    // The name has served; it would keep the namespace if we were killed.
    if (variant === 'root') await runTool([tool('ip'), 'netns', 'delete', name]);
  }
}

async function untilRouted(child: ChildProcess, routes: readonly string[]): Promise<void> {
  let said = '';
  child.stderr?.on('data', (part) => {
    said += part;
  });
  child.once('error', (error) => {
    said += error.message;
  });
  const until = performance.now() + READY_MS;
  while ((await runTool(routes)).trim() === '') {
    await sleep(50);
    if (child.pid !== undefined && child.exitCode === null && performance.now() < until) continue;
    child.kill('SIGKILL');
    const lines = said.split('\n').filter((line) => line !== '' && !line.includes('syslog'));
    throw new SallyportError(
      'NO_RIGHTS',
      `pasta does not connect the network namespace: ${lines.join('; ') || 'it said nothing'}`,
    );
  }
}
