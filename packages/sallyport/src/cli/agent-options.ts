import { type Command, Option } from 'commander';
import { type Outputs, pairs, shared, wholeNumber } from './options.ts';

export type ModeName = 'capture' | 'proxy' | 'none';

/** Who the workload is and how its traffic comes to its proxy: the same for `agent` and for `exec`. */
export interface AgentCommandOptions extends Outputs {
  readonly mode: ModeName;
  readonly name: string;
  readonly namespace: string;
  readonly label: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly xds?: string;
  readonly reach: 'outside' | 'lab';
  readonly names?: string;
  readonly proxyPort: number;
  readonly rootless: boolean;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warning' | 'error';
  readonly runtimeDir?: string;
}

export function addAgentOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--mode <mode>', 'capture: rules in a network namespace; proxy: the application is told by http_proxy; none')
        .choices(['capture', 'proxy', 'none'])
        .default('capture'),
    )
    .option('--name <name>', 'name of the workload', 'workload')
    .addOption(shared.namespace())
    .addOption(
      new Option('--label <key=value...>', 'labels of the workload, which selectors see').argParser(pairs).default({}, 'none'),
    )
    .option('--service-account <name>', 'its service account', 'default')
    .option('--xds <place>', 'the control plane: HOST:PORT or unix:PATH (default: the one that runs here)')
    .addOption(
      new Option(
        '--reach <reach>',
        'what a captured workload can reach: the outside world, or only stand-ins that run inside (lab)',
      )
        .choices(['outside', 'lab'])
        .default('outside'),
    )
    .option('--names <file>', 'JSON table of names to addresses that the workload’s resolver knows by itself')
    .option('--proxy-port <port>', 'port of the forward proxy in mode proxy', wholeNumber(1, 65_535), 15_080)
    .option('--rootless', 'capture in a user namespace also when run by root', false)
    .addOption(
      new Option('--log-level <level>', 'what Envoy says')
        .choices(['trace', 'debug', 'info', 'warning', 'error'])
        .default('warning'),
    )
    .addOption(shared.runtimeDir())
    .addOption(shared.output());
}

/** The same options as arguments, for the part of the agent that runs inside the namespace. */
export function agentArguments(options: AgentCommandOptions): string[] {
  return [
    ...['--name', options.name, '--namespace', options.namespace, '--service-account', options.serviceAccount],
    ...Object.entries(options.label).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...['--reach', options.reach, '--log-level', options.logLevel, '--output', options.output],
    ...(options.names === undefined ? [] : ['--names', options.names]),
    ...(options.rootless ? ['--rootless'] : []),
  ];
}
