import { type Command, InvalidArgumentError, Option } from 'commander';
import { AGENT_PORTS } from '../agent/options.ts';
import { SallyportError } from '../lib/error.ts';
import { ipFamily } from '../lib/ip.ts';
import { addDnsOptions, type DnsCommandOptions, dnsArguments } from './dns-options.ts';
import { type Outputs, pairs, shared, wholeNumber } from './options.ts';

export type ModeName = 'capture' | 'proxy' | 'none';

/** Who the workload is and how its traffic comes to its proxy: the same for `agent` and for `exec`. */
export interface AgentCommandOptions extends Outputs, DnsCommandOptions {
  readonly type: 'sidecar' | 'router';
  /** Absent: capture for a sidecar, none for a router. */
  readonly mode?: ModeName;
  readonly name: string;
  readonly namespace: string;
  readonly label: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly locality?: string;
  readonly xds?: string;
  readonly reach: 'outside' | 'lab';
  readonly names?: string;
  readonly ip: readonly string[];
  readonly proxyPort: number;
  readonly healthPort: number;
  readonly metricsPort: number;
  readonly rootless: boolean;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warning' | 'error';
  readonly runtimeDir?: string;
}

export function addAgentOptions(command: Command): Command {
  command
    .addOption(
      new Option(
        '--type <type>',
        'sidecar: beside a workload; router: a gateway, which opens the ports of Gateways that select it',
      )
        .choices(['sidecar', 'router'])
        .default('sidecar'),
    )
    .addOption(
      new Option(
        '--mode <mode>',
        'capture: rules in a network namespace; proxy: the application is told by http_proxy; none (default: capture, for a router none)',
      ).choices(['capture', 'proxy', 'none']),
    )
    .option('--name <name>', 'name of the workload', 'workload')
    .addOption(shared.namespace())
    .addOption(
      new Option('--label <key=value...>', 'labels of the workload, which selectors see').argParser(pairs).default({}, 'none'),
    )
    .option('--service-account <name>', 'its service account', 'default')
    .addOption(
      new Option('--locality <place>', 'where it is, REGION/ZONE/SUBZONE, for failover and shares by place').argParser(place),
    )
    .option('--xds <place>', 'the control plane: HOST:PORT or unix:PATH (default: the one that runs here)')
    .addOption(
      new Option(
        '--reach <reach>',
        'what a captured workload can reach: the outside world, or only stand-ins that run inside (lab)',
      )
        .choices(['outside', 'lab'])
        .default('outside'),
    )
    .option(
      '--names <file>',
      'JSON table of names to addresses that the workload’s resolver knows by itself, after those of the control plane',
    )
    .option('--proxy-port <port>', 'port of the forward proxy in mode proxy', wholeNumber(1, 65_535), 15_080)
    .option('--ip <address...>', 'addresses of the workload, where nothing is captured', address, ['127.0.0.1'])
    .option('--health-port <port>', 'where it says whether it is ready', wholeNumber(0, 65_535), AGENT_PORTS.health)
    .option('--metrics-port <port>', 'where its metrics are', wholeNumber(1, 65_535), AGENT_PORTS.metrics)
    .option('--rootless', 'capture in a user namespace also when run by root', false)
    .addOption(
      new Option('--log-level <level>', 'what Envoy says')
        .choices(['trace', 'debug', 'info', 'warning', 'error'])
        .default('warning'),
    )
    .addOption(shared.runtimeDir())
    .addOption(shared.output());
  return addDnsOptions(command);
}

/** The same options as arguments, for the part of the agent that runs inside the namespace. */
export function agentArguments(options: AgentCommandOptions): string[] {
  return [
    ...['--name', options.name, '--namespace', options.namespace, '--service-account', options.serviceAccount],
    ...Object.entries(options.label).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...['--reach', options.reach, '--log-level', options.logLevel, '--output', options.output],
    ...['--health-port', String(options.healthPort), '--metrics-port', String(options.metricsPort)],
    ...(options.locality === undefined ? [] : ['--locality', options.locality]),
    ...(options.names === undefined ? [] : ['--names', options.names]),
    ...(options.rootless ? ['--rootless'] : []),
    ...dnsArguments(options),
  ];
}

/** An address, the first of which replaces the default. */
function address(text: string, before: readonly string[]): readonly string[] {
  if (ipFamily(text) === 0) throw new InvalidArgumentError('an IP address is wanted');
  return before.length === 1 && before[0] === '127.0.0.1' ? [text] : [...before, text];
}

/** A router is reached at its own ports, so nothing is captured for it. Throws USAGE for what does not go together. */
export function modeOf({ type, mode }: Pick<AgentCommandOptions, 'type' | 'mode'>): ModeName {
  if (type === 'sidecar') return mode ?? 'capture';
  if (mode !== undefined && mode !== 'none')
    throw new SallyportError('USAGE', `--mode ${mode} is for sidecars: a router is reached at the ports of its Gateways`);
  return 'none';
}

/** `region`, `region/zone` or `region/zone/subzone`. */
function place(text: string): string {
  if (/^[^/\s]+(?:\/[^/\s]+){0,2}$/.test(text)) return text;
  throw new InvalidArgumentError('Write REGION, REGION/ZONE or REGION/ZONE/SUBZONE.');
}
