import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DnsOptions } from '../agent/options.ts';
import type { ForwarderOptions } from '../agent/resolver/upstream/forwarder.ts';
import type { Server } from '../agent/resolver/upstream/resolv-conf.ts';
import { ipFamily } from '../lib/ip.ts';
import { wholeNumber } from './options.ts';

/** How the names that an application asks for are answered; the same for `agent` and `exec`. */
export interface DnsCommandOptions {
  readonly dnsServer?: readonly Server[];
  readonly dnsSearch?: string;
  readonly dnsParallel: boolean;
  readonly dnsTimeout: number;
  readonly dnsServeStale: number;
  readonly dnsRate: number;
  readonly dnsUnknown: 'forward' | 'refuse';
}

const GROUP = 'DNS options:';

export function addDnsOptions(command: Command): Command {
  const options = [
    new Option(
      '--dns-server <address...>',
      'servers for names that no table knows, as IP or IP:PORT (default: those of /etc/resolv.conf)',
    ).argParser(serverAfter),
    new Option(
      '--dns-search <domain>',
      'domain that the application tries behind a name first (default: the first one of /etc/resolv.conf)',
    ),
    new Option('--dns-parallel', 'ask all servers at once instead of one after the other').default(false),
    new Option('--dns-timeout <ms>', 'how long one server is waited for; the second time round twice as long')
      .argParser(wholeNumber(10, 60_000))
      .default(2_500),
    new Option('--dns-serve-stale <seconds>', 'how long over its time an answer is given when all servers fail; 0 for not at all')
      .argParser(wholeNumber(0, 604_800))
      .default(0),
    new Option(
      '--dns-rate <number>',
      'new names a second that one client may ask servers for, and twice as many at once; 0 for any number',
    )
      .argParser(wholeNumber(0, 1_000_000))
      .default(500),
    new Option(
      '--dns-unknown <what>',
      'names that no table knows: forward them to servers, or refuse them as names that do not exist',
    )
      .choices(['forward', 'refuse'])
      .default('forward'),
  ];
  for (const option of options) command.addOption(option.helpGroup(GROUP));
  return command;
}

/** How servers are asked. */
export function forwarderOptions({ dnsParallel, dnsTimeout, dnsServeStale }: DnsCommandOptions): ForwarderOptions {
  return { parallel: dnsParallel, timeoutMs: dnsTimeout, staleSeconds: dnsServeStale };
}

/** What the agent is told of the application's questions. */
export function agentDns(options: DnsCommandOptions): DnsOptions {
  const { dnsSearch, dnsRate, dnsUnknown } = options;
  return {
    ...forwarderOptions(options),
    unknown: dnsUnknown,
    rate: dnsRate === 0 ? 'unlimited' : { perSecond: dnsRate, burst: 2 * dnsRate },
    ...(dnsSearch !== undefined && { search: dnsSearch }),
  };
}

/** The same options as arguments. */
export function dnsArguments(options: DnsCommandOptions): string[] {
  const { dnsServer = [], dnsSearch, dnsParallel, dnsTimeout, dnsServeStale, dnsRate, dnsUnknown } = options;
  return [
    ...dnsServer.flatMap(({ address, port }) => [
      '--dns-server',
      ipFamily(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`,
    ]),
    ...(dnsSearch === undefined ? [] : ['--dns-search', dnsSearch]),
    ...(dnsParallel ? ['--dns-parallel'] : []),
    ...['--dns-timeout', String(dnsTimeout), '--dns-serve-stale', String(dnsServeStale)],
    ...['--dns-rate', String(dnsRate), '--dns-unknown', dnsUnknown],
  ];
}

function serverAfter(text: string, before: readonly Server[] = []): readonly Server[] {
  const found = /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? /^([\d.]+):(\d+)$/.exec(text);
  const address = found?.[1] ?? text;
  const port = Number(found?.[2] ?? 53);
  if (ipFamily(address) === 0 || port < 1 || port > 65_535) throw new InvalidArgumentError('IP or IP:PORT is wanted');
  return [...before, { address, port }];
}
