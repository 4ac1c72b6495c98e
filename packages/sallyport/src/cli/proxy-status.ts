import type { Command } from 'commander';
import type { ProxyStatus } from '../admin/api.ts';
import { adminClient } from '../admin/client.ts';
import { ago } from './ago.ts';
import { EXIT } from './exit.ts';
import { issueText } from './issues.ts';
import { examples, type Outputs, shared } from './options.ts';
import { runtimeDir } from './runtime-dir.ts';
import { print, type Terminal, table } from './terminal.ts';

interface StatusOptions extends Outputs {
  readonly runtimeDir?: string;
}

/** Of names an agent is sent rows; those of others a table. */
const COLUMNS = ['cluster', 'endpoints', 'listener', 'route', 'nameRow'] as const;

export function addProxyStatus(program: Command, terminal: Terminal): void {
  const command = program
    .command('proxy-status')
    .summary('which proxies are connected, and whether they have what they should')
    .description(
      'Shows each connected proxy: how many resources of each type it has acknowledged, and what it refused, with the object, file and line to blame.\nExits 1 when a proxy refused something.',
    )
    .addOption(shared.runtimeDir())
    .addOption(shared.output())
    .action(async (options: StatusOptions) => {
      const proxies = await adminClient(runtimeDir(options.runtimeDir).admin).proxies();
      print(terminal, options.output, { proxies }, () => text(proxies, terminal));
      process.exitCode = proxies.some((proxy) => proxy.refused.length > 0) ? EXIT.findings : EXIT.good;
    });
  examples(command, ['sallyport proxy-status', 'sallyport proxy-status -o json | jq ".proxies[].refused"']);
}

function text(proxies: readonly ProxyStatus[], terminal: Terminal): string {
  if (proxies.length === 0) return 'no proxy is connected; start one with: sallyport agent\n';
  const rows = proxies.map((proxy) => [
    proxy.node,
    ...COLUMNS.map((type) => cell(proxy, type, terminal)),
    ago(proxy.connectedAt),
  ]);
  const refused = proxies.flatMap((proxy) =>
    proxy.refused.map((resource) => {
      const about = resource.issues.map((issue) => `  ${issueText(issue, terminal)}`).join('');
      return `\n${proxy.node} refuses ${resource.type} ${resource.name}:\n${about}`;
    }),
  );
  return `${table(terminal, ['PROXY', 'CLUSTERS', 'ENDPOINTS', 'LISTENERS', 'ROUTES', 'NAMES', 'CONNECTED'], rows)}${refused.join('')}`;
}

function cell(proxy: ProxyStatus, type: (typeof COLUMNS)[number], { colors }: Terminal): string {
  const found = proxy.types.find((t) => t.type === type);
  if (found === undefined || found.state === 'unused') return '-';
  const paint = { synced: colors.green, sending: colors.yellow, stale: colors.yellow, refused: colors.red, unused: colors.dim }[
    found.state
  ];
  return `${found.acked} ${paint(found.state)}`;
}
