import { type Command, Option } from 'commander';
import type { Severity } from '../model/index.ts';
import { EXIT } from './exit.ts';
import { findingJson, isAtLeast, issueText, summarise, summaryText } from './issues.ts';
import { type OfflineOptions, openOffline } from './offline.ts';
import { examples, type Outputs, shared } from './options.ts';
import { print, type Terminal } from './terminal.ts';

interface ValidateOptions extends OfflineOptions, Outputs {
  readonly failOn: Severity;
}

export function addValidate(program: Command, terminal: Terminal): void {
  const command = program
    .command('validate')
    .summary('say what is wrong with configuration, with file and line')
    .description(
      'Reads configuration as a control plane would and says what it finds: mistakes in documents, and between objects.\nExits 1 when something at or above --fail-on was found.',
    )
    .addOption(shared.files())
    .addOption(shared.namespace())
    .addOption(shared.meshConfig())
    .addOption(shared.vip())
    .addOption(shared.ledger())
    .addOption(shared.rootNamespace())
    .addOption(shared.cluster())
    .addOption(shared.vipClusterName())
    .addOption(shared.glooV1())
    .addOption(
      new Option('--fail-on <severity>', 'lowest severity that makes the exit code 1')
        .choices(['error', 'warning', 'info'])
        .default('error'),
    )
    .addOption(shared.output())
    .action(async (options: ValidateOptions) => {
      const { configuration } = await openOffline(options);
      const issues = configuration.issues();
      const summary = summarise(issues);
      print(terminal, options.output, { findings: issues.map(findingJson), summary }, () =>
        issues.map((issue) => issueText(issue, terminal)).join(''),
      );
      if (options.output === 'text') terminal.err(`${summaryText(summary)}\n`);
      process.exitCode = issues.some((issue) => isAtLeast(issue, options.failOn)) ? EXIT.findings : EXIT.good;
    });
  examples(command, [
    'sallyport validate -f mesh/',
    'kubectl get serviceentries -A -o yaml | sallyport validate -f -',
    'sallyport validate -f mesh/ --fail-on warning -o json',
  ]);
}
