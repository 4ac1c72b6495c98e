import { type Command, InvalidArgumentError, Option } from 'commander';
import { SallyportError } from '../lib/error.ts';
import type { Vip } from '../pipeline/index.ts';
import type { OutputFormat } from './terminal.ts';

/** Options that several commands share, so that they are spelled and explained the same everywhere. */
export const shared = {
  files: () => new Option('-f, --file <path...>', 'files, directories, globs, or - for standard input').default([], 'none'),
  namespace: () => new Option('-n, --namespace <name>', 'namespace of documents that name none').default('default'),
  output: () =>
    new Option('-o, --output <format>', 'text for people, json for machines').choices(['text', 'json']).default('text'),
  meshConfig: () =>
    new Option('--mesh-config <file>', 'mesh configuration, YAML or JSON; a ConfigMap istio among the files wins'),
  vip: (otherwise: Vip = 'status') =>
    new Option('--vip <source>', 'where virtual addresses come from: the entries’ status, Istio’s older allocator, or the ledger')
      .choices(['status', 'legacy', 'ledger'])
      .default(otherwise),
  ledger: () =>
    new Option(
      '--ledger <dir>',
      'addresses that a control plane has given out: the folder addresses of its state directory',
    ).implies({
      vip: 'ledger',
    }),
  runtimeDir: () => new Option('--runtime-dir <dir>', 'where a running control plane and its workloads are found'),
  rootNamespace: () => new Option('--root-namespace <name>', 'namespace of mesh-wide defaults').default('istio-system'),
  cluster: () => new Option('--cluster <name>', 'what Gloo resources call this cluster').default('mgmt-cluster'),
  vipClusterName: () =>
    new Option('--vip-cluster-name <name>', 'cluster name inside virtual addresses of Gloo Mesh v1').default('', 'none'),
  glooV1: () =>
    new Option('--gloo-v1 <release>', 'whose defaults v1 resources have; 1.2 rewrites the Host header')
      .choices(['1.1', '1.2'])
      .default('1.1'),
};

export interface Outputs {
  readonly output: OutputFormat;
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most} is wanted`);
  };
}

/** `key=value`, once or several times. */
export function pairs(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('key=value is wanted');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** `HOST:PORT` of loopback, or `unix:PATH`. */
export function placeOf(text: string): { kind: 'tcp'; address: string; port: number } | { kind: 'unix'; path: string } {
  if (text.startsWith('unix:')) return { kind: 'unix', path: text.slice('unix:'.length) };
  const found = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(text);
  if (found === null || Number(found[2]) > 65_535)
    throw new SallyportError('USAGE', `${text} is no address: write HOST:PORT or unix:PATH`);
  return { kind: 'tcp', address: found[1]!.replace(/^\[|\]$/g, ''), port: Number(found[2]) };
}

export function examples(command: Command, lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`);
}
