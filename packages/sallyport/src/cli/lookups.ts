import type { Command } from 'commander';
import type { LookupStatus } from '../admin/api.ts';
import { adminClient } from '../admin/client.ts';
import { examples, type Outputs, shared } from './options.ts';
import { runtimeDir } from './runtime-dir.ts';
import { print, type Terminal, table } from './terminal.ts';

interface LookupOptions extends Outputs {
  readonly runtimeDir?: string;
}

export function addLookups(program: Command, terminal: Terminal): void {
  const command = program
    .command('lookups')
    .summary('names that the control plane looks up, and what DNS says')
    .description(
      'Shows each name that the control plane looks up for proxies: its addresses, how old the answer is and how long it holds, and what went wrong last.\nNames that the proxies look up themselves are not among them (docs/resolution.md).',
    )
    .addOption(shared.runtimeDir())
    .addOption(shared.output())
    .action(async (options: LookupOptions) => {
      const lookups = await adminClient(runtimeDir(options.runtimeDir).admin).lookups();
      print(terminal, options.output, { lookups }, () => text(lookups, terminal, Date.now()));
    });
  examples(command, ['sallyport lookups', `sallyport lookups -o json | jq '.lookups[] | select(.failures > 0)'`]);
}

function text(lookups: readonly LookupStatus[], terminal: Terminal, now: number): string {
  if (lookups.length === 0)
    return 'the control plane looks up no name; sallyport.dns: control-plane in the mesh configuration has it do so\n';
  const sorted = [...lookups].sort((a, b) => (a.name === b.name ? (a.type < b.type ? -1 : 1) : a.name < b.name ? -1 : 1));
  const rows = sorted.map((lookup) => [
    lookup.name,
    lookup.type,
    addressText(lookup, terminal),
    lookup.heardAt === undefined ? '-' : seconds(now - lookup.heardAt),
    lookup.ttlSeconds === undefined ? '-' : `${lookup.ttlSeconds} s`,
    lookup.error === undefined ? '' : terminal.colors.red(`${lookup.error} (${lookup.failures}×)`),
  ]);
  return table(terminal, ['NAME', 'TYPE', 'ADDRESSES', 'AGE', 'TTL', 'LAST ERROR'], rows);
}

function addressText({ addresses, refused }: LookupStatus, { colors }: Terminal): string {
  if (addresses === undefined) return colors.yellow('not heard yet');
  if (addresses.length === 0) return 'none';
  return addresses.map((address) => (refused.includes(address) ? colors.red(`${address} refused`) : address)).join(', ');
}

const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1_000))} s`;
