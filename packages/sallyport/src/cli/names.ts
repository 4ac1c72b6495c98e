import type { Command } from 'commander';
import type { NameRow, NamesReply, RestingName } from '../admin/api.ts';
import { adminClient } from '../admin/client.ts';
import { closest } from '../lib/closest.ts';
import { namesReply } from '../pipeline/names.ts';
import { ago } from './ago.ts';
import { EXIT } from './exit.ts';
import { type OfflineOptions, openOffline } from './offline.ts';
import { examples, type Outputs, shared } from './options.ts';
import { runtimeDir } from './runtime-dir.ts';
import { print, type Terminal, table } from './terminal.ts';

interface NamesOptions extends OfflineOptions, Outputs {
  readonly runtimeDir?: string;
}

export function addNames(program: Command, terminal: Terminal): void {
  const command = program
    .command('names')
    .summary('what hosts mean: addresses, who declares them, since when, who sees them')
    .description(
      [
        'Shows each declared host: the addresses that callers find it at, the objects that declare it, since when it has its addresses, and who sees it.',
        'Asks the control plane that runs here; with -f reads files instead, and then nobody is connected. A host without addresses is resolved outside.',
        'Exits 1 when no object declares the host that is named.',
      ].join('\n\n'),
    )
    .argument('[host]', 'one host, or a name that a wildcard host means')
    .addOption(shared.files())
    .addOption(shared.namespace())
    .addOption(shared.meshConfig())
    .addOption(shared.vip())
    .addOption(shared.ledger())
    .addOption(shared.rootNamespace())
    .addOption(shared.cluster())
    .addOption(shared.vipClusterName())
    .addOption(shared.glooV1())
    .addOption(shared.runtimeDir())
    .addOption(shared.output())
    .action(async (host: string | undefined, options: NamesOptions) => {
      const reply = await ask(host, options);
      const { names, resting } = reply;
      if (host !== undefined && names.length === 0) terminal.err(await unknownText(host, options, resting.length > 0));
      print(terminal, options.output, reply, () => (host === undefined ? listText(reply, terminal) : hostText(reply, terminal)));
      process.exitCode = host !== undefined && names.length === 0 ? EXIT.findings : EXIT.good;
    });
  examples(command, [
    'sallyport names',
    'sallyport names my-remote-db.com',
    'sallyport names -f mesh/ --vip ledger',
    'sallyport names -o json | jq -r ".names[] | [.host, .addresses[]] | @tsv"',
  ]);
}

async function ask(host: string | undefined, options: NamesOptions): Promise<NamesReply> {
  if (options.file.length === 0) return adminClient(runtimeDir(options.runtimeDir).admin).names(host);
  return namesReply((await openOffline(options)).pipeline, undefined, host);
}

async function unknownText(host: string, options: NamesOptions, isResting: boolean): Promise<string> {
  if (isResting) return `no object declares ${host} any more\n`;
  const near = closest(
    host,
    (await ask(undefined, options)).names.map((row) => row.host),
  );
  return `no object declares ${host}${near === undefined ? '' : `; did you mean ${near}?`}\n`;
}

function listText({ names, resting }: NamesReply, terminal: Terminal): string {
  if (names.length === 0 && resting.length === 0) return 'no object declares a host\n';
  const rows = names.map((row) => [row.host, addressesText(row), sinceText(row), ownersText(row), seenText(row)]);
  const rest = resting.length === 0 ? '' : `\n${terminal.colors.dim(restingText(resting))}\n`;
  return `${table(terminal, ['HOST', 'ADDRESSES', 'SINCE', 'DECLARED BY', 'SEEN BY'], rows)}${rest}`;
}

function hostText({ names, resting }: NamesReply, terminal: Terminal): string {
  const { bold, dim } = terminal.colors;
  const blocks = names.map((row) => {
    const given: Readonly<Record<NonNullable<NameRow['from']>, string>> = {
      ledger: 'given by the ledger',
      status: 'from status.addresses',
      legacy: 'given by Istio’s older allocator',
      declared: 'declared',
    };
    const since = row.since === undefined ? '' : ` since ${new Date(row.since).toISOString().slice(0, 19).replace('T', ' ')}Z`;
    const how = row.from === undefined ? '' : dim(` ${given[row.from]}${since}`);
    const owners = row.owners.map(
      ({ kind, namespace, name, file, line }) => `${file}:${line} ${dim(`${kind} ${namespace}/${name}`)}`,
    );
    const proxies = row.seenBy.proxies.map(({ node, addresses }) => `${node} ${dim(addresses.join(', ') || 'resolved outside')}`);
    return [
      bold(row.host),
      ...field('addresses', [`${addressesText(row)}${how}`]),
      ...field('declared by', owners),
      ...field('seen by', [namespacesText(row)]),
      ...field('proxies', proxies.length === 0 ? ['none is connected'] : proxies),
    ].join('\n');
  });
  return [...blocks, ...(resting.length === 0 ? [] : [restingText(resting)])].map((block) => `${block}\n`).join('\n');
}

function field(title: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `  ${(i === 0 ? title : '').padEnd(12)} ${line}`);
}

const addressesText = ({ addresses }: NameRow): string => addresses.join(', ') || 'resolved outside';
const sinceText = ({ since }: NameRow): string => (since === undefined ? '' : ago(since));

function ownersText({ owners }: NameRow): string {
  const [first, ...others] = owners;
  if (first === undefined) return '';
  return `${first.file}:${first.line}${others.length === 0 ? '' : ` and ${others.length} more`}`;
}

function namespacesText({ seenBy: { namespaces } }: NameRow): string {
  if (namespaces === '*') return 'all namespaces';
  return namespaces.length === 0 ? 'nobody' : namespaces.join(', ');
}

function seenText(row: NameRow): string {
  const { length } = row.seenBy.proxies;
  return `${namespacesText(row)}${length === 0 ? '' : `, ${length} prox${length === 1 ? 'y' : 'ies'}`}`;
}

function restingText(resting: readonly RestingName[]): string {
  const [first] = resting;
  if (resting.length === 1 && first !== undefined)
    return `${first.addresses.join(' and ')} of ${first.host} rest${first.addresses.length === 1 ? 's' : ''}: nobody has declared it for ${ago(first.freed)}`;
  return `the addresses of ${resting.length} hosts rest, for nobody declares them any more; -o json lists them`;
}
