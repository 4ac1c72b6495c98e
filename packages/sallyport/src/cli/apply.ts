import type { Command } from 'commander';
import type { ApplyReply } from '../admin/api.ts';
import { adminClient } from '../admin/client.ts';
import { type KindRow, kinds } from '../config/index.ts';
import { SallyportError } from '../lib/error.ts';
import { load } from '../source/index.ts';
import { EXIT } from './exit.ts';
import { findingJson, issueText } from './issues.ts';
import { examples, type Outputs, shared } from './options.ts';
import { runtimeDir } from './runtime-dir.ts';
import { print, type Terminal } from './terminal.ts';

interface ChangeOptions extends Outputs {
  readonly file: readonly string[];
  readonly namespace: string;
  readonly runtimeDir?: string;
}

export function addApply(program: Command, terminal: Terminal): void {
  const command = program
    .command('apply')
    .summary('add or change objects of the running control plane')
    .description(
      'Writes each object into the configuration directory of the running control plane, one file for each, and says what it thinks of them.\nA document with an error is not written; exit code 1 says that there was one.',
    )
    .addOption(shared.files())
    .addOption(shared.namespace())
    .addOption(shared.runtimeDir())
    .addOption(shared.output())
    .action(async (options: ChangeOptions) => {
      const replies: ApplyReply[] = [];
      for (const { name, text } of await inputs(options.file)) {
        replies.push(await adminClient(runtimeDir(options.runtimeDir).admin).apply({ namespace: options.namespace, name, text }));
      }
      show(replies, options, terminal);
    });
  examples(command, ['sallyport apply -n shop -f external-api.yaml', 'cat external-api.yaml | sallyport apply -n shop -f -']);
}

export function addDelete(program: Command, terminal: Terminal): void {
  const command = program
    .command('delete')
    .summary('remove objects of the running control plane')
    .description(
      'Removes objects from the configuration directory of the running control plane: those that a file names, or one by kind and name.',
    )
    .argument('[kind]', 'kind of the object, e.g. ServiceEntry')
    .argument('[name]', 'name of the object')
    .addOption(shared.files())
    .addOption(shared.namespace())
    .addOption(shared.runtimeDir())
    .addOption(shared.output())
    .action(async (kind: string | undefined, name: string | undefined, options: ChangeOptions) => {
      const named =
        kind === undefined ? await inputs(options.file) : [{ name: `${kind} ${name ?? ''}`, text: documentOf(kind, name) }];
      const replies: ApplyReply[] = [];
      for (const input of named) {
        replies.push(await adminClient(runtimeDir(options.runtimeDir).admin).delete({ namespace: options.namespace, ...input }));
      }
      show(replies, options, terminal);
    });
  examples(command, ['sallyport delete -n shop -f external-api.yaml', 'sallyport delete -n shop ServiceEntry external-api']);
}

/** Files, directories, globs and standard input, in the order in which they were named. */
async function inputs(files: readonly string[]): Promise<readonly { readonly name: string; readonly text: string }[]> {
  if (files.length === 0) throw new SallyportError('USAGE', 'name the input: -f FILE, -f DIR, or -f - for standard input');
  const { put, issues } = await load(files, process.stdin);
  const unread = issues.find((issue) => issue.severity === 'error');
  if (unread !== undefined) throw new SallyportError('USAGE', unread.message);
  return [...put]
    .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || (a.path < b.path ? -1 : 1))
    .map(({ path, text }) => ({ name: path, text }));
}

/** The smallest document that names an object. */
function documentOf(kind: string, name: string | undefined): string {
  if (name === undefined)
    throw new SallyportError('USAGE', 'name the object as well: sallyport delete KIND NAME, or use -f FILE');
  const row = kinds.find((one) => spellings(one).includes(kind.toLowerCase()));
  if (row === undefined)
    throw new SallyportError('USAGE', `${kind} is no kind that is known here; write it as in a document, e.g. ServiceEntry`);
  const apiVersion = row.group === '' ? row.versions[0] : `${row.group}/${row.versions[0]}`;
  return JSON.stringify({ apiVersion, kind: row.kind, metadata: { name } });
}

/** As kubectl takes them: with the group always, without it where that says enough. */
function spellings({ kind, group, plural, qualified, shortNames = [] }: KindRow): readonly string[] {
  const bare = [kind.toLowerCase(), plural, ...shortNames];
  const full = [`${kind.toLowerCase()}.${group}`, `${plural}.${group}`];
  return qualified ? full : [...bare, ...full];
}

function show(replies: readonly ApplyReply[], { output }: Outputs, terminal: Terminal): void {
  const objects = replies.flatMap((reply) => reply.objects);
  const issues = replies.flatMap((reply) => reply.issues);
  print(terminal, output, { objects, issues: issues.map(findingJson) }, () =>
    objects
      .map(
        ({ key, action }) =>
          `${key.kind.toLowerCase()}/${key.name} ${terminal.colors.green(action)}${key.namespace === '' ? '' : ` in ${key.namespace}`}\n`,
      )
      .join(''),
  );
  if (output === 'text') for (const issue of issues) terminal.err(issueText(issue, terminal));
  process.exitCode = issues.some((issue) => issue.severity === 'error') ? EXIT.findings : EXIT.good;
}
