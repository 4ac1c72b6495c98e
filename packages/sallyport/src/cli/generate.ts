import type { Command } from 'commander';
import { SallyportError } from '../lib/error.ts';
import { canonicalJson } from '../lib/json.ts';
import { generate } from '../pipeline/generate.ts';
import { proxyArgument } from '../pipeline/proxies.ts';
import { type LookedUp, lookedUpText } from '../pipeline/unheard.ts';
import { issueText } from './issues.ts';
import { jsonArgument } from './json-argument.ts';
import { type OfflineOptions, openOffline } from './offline.ts';
import { examples, shared } from './options.ts';
import type { Terminal } from './terminal.ts';

interface GenerateOptions extends OfflineOptions {
  readonly proxy: string;
}

export function addGenerate(program: Command, terminal: Terminal): void {
  const command = program
    .command('generate')
    .summary('print everything that a proxy would be sent')
    .description('Prints all xDS resources for one proxy as canonical proto3 JSON, each list sorted by name. Nothing is started.')
    .addOption(shared.files())
    .addOption(shared.namespace())
    .addOption(shared.meshConfig())
    .addOption(shared.vip())
    .addOption(shared.ledger())
    .addOption(shared.rootNamespace())
    .addOption(shared.cluster())
    .addOption(shared.vipClusterName())
    .addOption(shared.glooV1())
    .option(
      '--proxy <json>',
      'the proxy: type, namespace, name, ips, labels, serviceAccount, locality, dnsDomain, metadata; or @FILE',
      '{}',
    )
    .action(async (options: GenerateOptions) => {
      const { pipeline, configuration } = await openOffline(options);
      const { value: proxy, issues } = proxyArgument(await jsonArgument('--proxy', options.proxy), options.vip);
      if (proxy === undefined) throw new SallyportError('USAGE', `--proxy: ${issues.map((issue) => issue.message).join('; ')}`);
      for (const issue of configuration.issues()) if (issue.severity === 'error') terminal.err(issueText(issue, terminal));
      const info = terminal.colors.cyan('info');
      const onLookedUp = (clusters: readonly LookedUp[]) => {
        for (const cluster of clusters) terminal.err(`${info} ${lookedUpText(cluster)}\n`);
      };
      terminal.out(`${canonicalJson(generate(pipeline, proxy, { onLookedUp }), 2)}\n`);
    });
  examples(command, [
    'sallyport generate -f mesh/',
    `sallyport generate -f mesh/ --proxy '{"namespace": "shop", "labels": {"app": "web"}}'`,
    'sallyport generate -f mesh/ --proxy @proxy.json | jq .clusters',
  ]);
}
