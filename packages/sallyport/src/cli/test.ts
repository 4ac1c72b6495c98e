import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import { SallyportError } from '../lib/error.ts';
import { fieldText } from '../model/index.ts';
import type { TestFile } from '../pipeline/test-file.ts';
import { EXIT } from './exit.ts';
import { examples, type Outputs, shared } from './options.ts';
import { print, type Terminal } from './terminal.ts';
import { type ReportedCase, reportText, summariseCases } from './test-report.ts';

/** The list of docs/differences.json, a copy of which is part of the package (`node scripts/differences.ts`). */
const DIFFERENCES = new URL('../../differences.json', import.meta.url);

export function addTest(program: Command, terminal: Terminal): void {
  const command = program
    .command('test')
    .summary('run tests of egress policy: calls and where they should go')
    .description(
      'Runs files of tests: configuration, proxies, calls, and what is expected of each call, as JSON or YAML. Only the fields that a test names are compared. Nothing is started. Exits 1 when a case fails, even if docs/differences.md lists the difference.',
    )
    .argument('<file...>', 'files in the format of conformance/scenarios or simulation')
    .addOption(shared.output())
    .action(async (files: string[], options: Outputs) => {
      const cases: ReportedCase[] = [];
      for (const file of files) cases.push(...(await casesOf(file)));
      const summary = summariseCases(cases);
      const json = { cases: cases.map(({ expected: _expected, refused: _refused, ...rest }) => rest), summary };
      print(terminal, options.output, json, () => reportText(cases, terminal));
      process.exitCode = summary.failed > 0 ? EXIT.findings : EXIT.good;
    });
  examples(command, [
    'sallyport test egress.test.yaml',
    'sallyport test tests/*.json',
    `sallyport test tests/*.json -o json | jq '.cases[] | select(.pass | not)'`,
  ]);
}

async function casesOf(path: string): Promise<ReportedCase[]> {
  const file = await readTestFile(path);
  const [{ runTestFile }, { intendedBy }, differences] = await Promise.all([
    import('../pipeline/test-run.ts'),
    import('../pipeline/differences.ts'),
    readFile(DIFFERENCES, 'utf8'),
  ]);
  const intended = intendedBy(JSON.parse(differences).differences);
  return [...runTestFile(file, { onlyGiven: true })].map((found) => {
    const { id, scenario, run, call, expected, actual, refused } = found;
    const differs = [...found.gate1, ...found.gate2];
    const listed = differs.length === 0 ? undefined : intended({ id, differs })?.rule;
    const pass = differs.length === 0;
    const said = { file: path, scenario, run, call, pass, actual, differs, expected, refused };
    return listed === undefined ? said : { ...said, intended: listed };
  });
}

/** Throws USAGE, with every place, for a file that could be misread: it would pass or fail for nothing. */
async function readTestFile(path: string): Promise<TestFile> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new SallyportError('USAGE', `${path} cannot be read: ${cause.message}`, { cause });
  });
  const { testFileOf } = await import('../pipeline/test-file.ts');
  const { value, issues } = testFileOf(await parse(text, path), basename(path, extname(path)));
  if (value !== undefined) return value;
  const lines = issues.map(
    ({ field = [], message, hint }) => `\n    ${fieldText(field)} ${message}${hint === undefined ? '' : `: ${hint}`}`,
  );
  throw new SallyportError('USAGE', `${path} is no file of tests:${lines.join('')}`);
}

/** JSON is tried first: measured files are large, and reading them as YAML takes long. */
async function parse(text: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (path.endsWith('.json')) throw new SallyportError('USAGE', `${path} is no JSON: ${(cause as Error).message}`, { cause });
  }
  const { parseYamlValue } = await import('../config/index.ts');
  const { value, issues } = parseYamlValue(text, path);
  const wrong = issues.find((issue) => issue.severity === 'error');
  if (wrong !== undefined) throw new SallyportError('USAGE', `${path}:${wrong.origin?.line ?? 1}: ${wrong.message}`);
  return value;
}
