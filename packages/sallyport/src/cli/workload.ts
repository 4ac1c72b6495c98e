import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingForCapture, openNamespace, type Variant, variantFor } from '../agent/capture/index.ts';
import { startResolver } from '../agent/resolver/index.ts';
import { systemResolvConf } from '../agent/resolver/upstream/resolv-conf.ts';
import { SallyportError } from '../lib/error.ts';
import { type AgentCommandOptions, agentArguments, modeOf } from './agent-options.ts';
import { forwarderOptions } from './dns-options.ts';
import { type RuntimeDir, runtimeDir } from './runtime-dir.ts';
import type { Terminal } from './terminal.ts';
import { writeWorkload } from './workload-file.ts';

/**
 * Keeps a workload up until the signal aborts: its namespace if it is captured, its resolver, its proxy. With `keeps names` the next one of
 * this name begins with the names that this one knew.
 */
export async function keepWorkload(
  options: AgentCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
  names: 'keeps names' | 'forgets names' = 'forgets names',
): Promise<void> {
  const runtime = runtimeDir(options.runtimeDir);
  const kind = modeOf(options);
  if (kind === 'capture') return keepCaptured(options, runtime, signal, names === 'keeps names');
  const xds = options.xds ?? '127.0.0.1:15010';
  const mode = kind === 'proxy' ? { kind, port: options.proxyPort } : { kind };
  const forget =
    mode.kind === 'none'
      ? async () => {}
      : await writeWorkload(runtime, {
          name: options.name,
          namespace: options.namespace,
          agent: process.pid,
          health: options.healthPort,
          mode,
          hide: [],
        });
  try {
    // Loaded only by who runs it: `exec` into a running workload must not wait for it.
    const { runInside } = await import('./agent-inside.ts');
    await runInside({ ...options, xds, admin: runtime.admin }, mode, terminal, signal);
  } finally {
    await forget();
  }
}

/** Throws TOOL_MISSING with a sentence and a command for each thing that capture lacks here. */
export async function assertCapture(variant: Variant, reach: AgentCommandOptions['reach']): Promise<void> {
  const missing = await missingForCapture(variant, reach);
  if (missing.length === 0) return;
  throw new SallyportError(
    'TOOL_MISSING',
    `traffic cannot be captured here: ${missing.map(({ what, mend }) => `${what} (${mend})`).join('; ')}`,
  );
}

export function variantOf({ rootless }: Pick<AgentCommandOptions, 'rootless'>): Variant {
  return rootless ? 'rootless' : variantFor();
}

async function keepCaptured(
  options: AgentCommandOptions,
  runtime: RuntimeDir,
  signal: AbortSignal,
  keepsNames: boolean,
): Promise<void> {
  const variant = variantOf(options);
  await assertCapture(variant, options.reach);
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-'));
  // Envoy, a user of its own when root captures, must pass; what is inside is closed to all but their owners.
  await chmod(folder, 0o711);
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const namespace = await openNamespace({ variant, reach: options.reach });
    closing.push(() => namespace.close());
    const dns = join(folder, 'dns.sock');
    if (options.reach === 'outside') {
      // Outside of the namespace, where the machine's own resolvers can be reached.
      const servers = options.dnsServer ?? (await systemResolvConf()).servers;
      const resolver = await startResolver({
        ...forwarderOptions(options),
        listen: [{ path: dns }],
        upstream: { kind: 'servers', servers },
        // The one inside keeps answers.
        cache: false,
      });
      closing.push(() => resolver.close());
    }
    const workload = {
      name: options.name,
      namespace: options.namespace,
      agent: process.pid,
      health: options.healthPort,
      mode: { kind: 'capture' as const, variant, holder: namespace.holder },
      hide: [folder, runtime.root],
    };
    closing.push(await writeWorkload(runtime, workload));
    // Inside a user namespace everybody is root: who we are out here decides.
    const { dnsServer, ...rest } = options;
    const inside = options.reach === 'lab' && dnsServer !== undefined ? { dnsServer } : {};
    const told = agentArguments({ ...rest, ...inside, rootless: variant === 'rootless' });
    const command = [process.execPath, join(import.meta.dirname, 'main.ts'), 'agent-inside', ...told];
    command.push(
      '--xds',
      options.xds ?? `unix:${runtime.xds}`,
      '--admin',
      runtime.admin,
      '--folder',
      join(folder, 'agent'),
      ...(options.reach === 'outside' ? ['--dns-upstream', dns] : []),
      ...(keepsNames ? ['--kept-names', join(runtime.names, `${options.namespace}.${options.name}.json`)] : []),
    );
    await runCommand(namespace.inside(command), signal);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function runCommand([file = '', ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const [code] = await once(child, 'close');
  signal.removeEventListener('abort', stop);
  if (!signal.aborted && code !== 0)
    throw new SallyportError('UNREACHABLE', 'the agent inside the namespace ended; what it said stands above');
}
