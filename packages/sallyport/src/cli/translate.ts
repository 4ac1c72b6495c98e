import type { Command } from 'commander';
import { fieldText, type ObjectKey, type Translated } from '../model/index.ts';
import type { Configuration } from '../pipeline/configuration.ts';
import { fieldSources, manifestOf, manifestsText, translationsOf } from '../pipeline/translations.ts';
import { EXIT } from './exit.ts';
import { findingJson, isAtLeast, issueText, summarise, summaryText } from './issues.ts';
import { type OfflineOptions, openOffline } from './offline.ts';
import { examples, type Outputs, shared } from './options.ts';
import { print, type Terminal } from './terminal.ts';

interface TranslateOptions extends OfflineOptions, Outputs {
  readonly explain?: true;
}

export function addTranslate(program: Command, terminal: Terminal): void {
  const command = program
    .command('translate')
    .summary('print the Istio objects that Gloo resources stand for')
    .description(
      [
        'Prints what Gloo Mesh resources of both generations are translated to, as YAML: by kind, then namespace and name. A comment above each object names the resource, its file and line. Objects of other kinds among the files are read, since translation may depend on them, and not printed.',
        'A running control plane does this by itself; nothing has to be translated beforehand. Findings go to standard error; exits 1 when one is an error.',
      ].join('\n\n'),
    )
    .addOption(shared.files())
    .addOption(shared.namespace())
    .addOption(shared.meshConfig())
    .addOption(shared.vip())
    .addOption(shared.rootNamespace())
    .addOption(shared.cluster())
    .addOption(shared.vipClusterName())
    .addOption(shared.glooV1())
    .option('--explain', 'instead of the objects: for each of their fields the Gloo field that it came from')
    .addOption(shared.output())
    .action(async (options: TranslateOptions) => {
      const { pipeline, configuration } = await openOffline(options);
      const made = translationsOf(pipeline);
      const issues = configuration.issues();
      const summary = summarise(issues);
      const json = { objects: made.map((one) => objectJson(one, configuration)), findings: issues.map(findingJson), summary };
      print(terminal, options.output, json, () =>
        options.explain ? made.map((one) => explanationText(one, configuration, terminal)).join('\n') : manifestsText(made),
      );
      if (options.output === 'text') {
        for (const issue of issues) if (isAtLeast(issue, 'warning')) terminal.err(issueText(issue, terminal));
        const count = `${made.length} object${made.length === 1 ? '' : 's'}`;
        terminal.err(`${count}, ${summaryText(summary)}\n`);
      }
      process.exitCode = summary.error > 0 ? EXIT.findings : EXIT.good;
    });
  examples(command, [
    'sallyport translate -f gloo/',
    'sallyport translate -f external-service.yaml --explain',
    'kubectl get externalservices,externalendpoints -A -o yaml | sallyport translate -f - | kubectl diff -f -',
    `sallyport translate -f gloo/ -o json | jq '.objects[].manifest'`,
  ]);
}

function objectJson(translated: Translated, configuration: Configuration): Readonly<Record<string, unknown>> {
  const { translatedFrom, origin } = translated.object;
  const fields = fieldSources(translated, configuration).map(({ field, object, from, origin: at }) => ({
    field: fieldText(field),
    ...object,
    from: fieldText(from),
    file: at?.path,
    line: at?.line,
  }));
  return { manifest: manifestOf(translated), from: { ...translatedFrom, file: origin.path, line: origin.line }, fields };
}

/** One block an object: its fields, the Gloo fields they came from, and where these stand. Another object than the first is named. */
function explanationText(translated: Translated, configuration: Configuration, { colors }: Terminal): string {
  const { key, translatedFrom } = translated.object;
  const rows = fieldSources(translated, configuration).map(({ field, object, from, origin }) => {
    const other = translatedFrom !== undefined && nameOf(object) === nameOf(translatedFrom) ? '' : `${nameOf(object)} `;
    return [fieldText(field), `${other}${fieldText(from)}`, origin === undefined ? '' : `${origin.path}:${origin.line}`] as const;
  });
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length), 0);
  const lines = rows.map(([field, from, place]) =>
    `  ${field.padEnd(width(0))}  ${colors.dim('←')} ${from.padEnd(width(1))}  ${colors.dim(place)}`.trimEnd(),
  );
  const title = `${colors.bold(nameOf(key))}${translatedFrom === undefined ? '' : ` from ${nameOf(translatedFrom)}`}`;
  return `${[title, ...lines].join('\n')}\n`;
}

const nameOf = ({ kind, namespace, name }: ObjectKey): string => `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
