import { type Command, Option } from 'commander';
import type { InsideOptions } from './agent-inside.ts';
import { type AgentCommandOptions, addAgentOptions } from './agent-options.ts';
import { examples } from './options.ts';
import type { Terminal } from './terminal.ts';
import { keepWorkload, variantOf } from './workload.ts';

export function addAgent(program: Command, terminal: Terminal): void {
  const command = program
    .command('agent')
    .summary('run a sidecar proxy for one workload, or a gateway')
    .description(
      'Runs a real Envoy beside a workload, configured by the control plane, and captures the workload’s traffic in a network namespace of its own.\nRun commands in it with: sallyport exec -- CMD',
    );
  addAgentOptions(command).action((options: AgentCommandOptions) =>
    keepWorkload(options, terminal, interrupted(), 'keeps names'),
  );
  examples(command, [
    'sallyport agent --name web -n shop --label app=web',
    'sallyport agent --mode proxy --name web -n shop',
    'sallyport agent --reach lab --names names.json',
    'sallyport agent --type router --name egress -n edge --label istio=egress --ip 10.0.0.9',
    'sallyport agent --name web --dns-server 192.0.2.53 --dns-serve-stale 86400',
  ]);

  // The part of `agent` that runs inside the network namespace; not for people.
  addAgentOptions(program.command('agent-inside', { hidden: true }))
    .addOption(new Option('--folder <dir>'))
    .addOption(new Option('--dns-upstream <path>'))
    .addOption(new Option('--kept-names <path>'))
    .addOption(new Option('--admin <path>'))
    .action(async (options: InsideOptions) => {
      const { runInside } = await import('./agent-inside.ts');
      await runInside(options, { kind: 'capture', variant: variantOf(options) }, terminal, interrupted());
    });
}

export function interrupted(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}
