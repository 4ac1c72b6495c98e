import { canonicalJson } from '../lib/json.ts';
import type { Issue } from '../model/index.ts';
import { type Terminal, table } from './terminal.ts';

/** One case as `test -o json` prints it, and what only people are told. */
export interface ReportedCase {
  readonly file: string;
  /** Name of the scenario, or the index of the case in a file of the format of `simulation`. */
  readonly scenario: string | number;
  readonly run: number;
  readonly call: number | 'nameTable';
  readonly pass: boolean;
  readonly actual: unknown;
  readonly differs: readonly string[];
  /** The rule of docs/differences.json that means the difference; absent: no rule does. */
  readonly intended?: string;
  readonly expected: unknown;
  readonly refused: readonly Issue[];
}

export interface CaseSummary {
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  /** Of the failed ones, those that docs/differences.json lists. */
  readonly intended: number;
}

export function summariseCases(cases: readonly ReportedCase[]): CaseSummary {
  const passed = cases.filter(({ pass }) => pass).length;
  const intended = cases.filter((one) => one.intended !== undefined).length;
  return { cases: cases.length, passed, failed: cases.length - passed, intended };
}

/** A table for each file: a line for each scenario that passes, and one for each case that does not. */
export function reportText(cases: readonly ReportedCase[], terminal: Terminal): string {
  const { colors } = terminal;
  const files = [...Map.groupBy(cases, ({ file }) => file)].map(([file, all]) => {
    const rows = [...Map.groupBy(all, ({ scenario }) => scenario)].flatMap(([scenario, inIt]) => {
      const failing = inIt.filter(({ pass }) => !pass);
      const name = String(scenario);
      if (failing.length === 0) return [[colors.green('pass'), name, `${inIt.length}`, '']];
      return [
        [colors.red('fail'), name, `${inIt.length - failing.length} of ${inIt.length}`, ''],
        ...failing.map((one) => ['', `  run ${one.run}, ${callText(one.call)}`, '', one.differs.join(', ')]),
      ];
    });
    const details = all.filter(({ pass }) => !pass).map((one) => failureText(one, terminal));
    return `${colors.bold(file)}\n${table(terminal, ['', 'scenario', 'cases', 'differs'], rows)}${details.join('')}\n`;
  });
  const { cases: count, passed, failed, intended } = summariseCases(cases);
  const listed = intended === 0 ? '' : `, ${intended} of them listed as intended differences from istiod`;
  return `${files.join('')}${count} ${count === 1 ? 'case' : 'cases'}, ${passed} passed, ${failed} failed${listed}\n`;
}

const callText = (call: number | 'nameTable'): string => (call === 'nameTable' ? 'name table' : `call ${call}`);

function failureText(one: ReportedCase, { colors }: Terminal): string {
  const place = `${one.scenario}, run ${one.run}, ${callText(one.call)}`;
  const fields = one.differs.map(
    (field) => `    ${field}\n      expected ${shown(one.expected, field)}\n      actual   ${shown(one.actual, field)}\n`,
  );
  const intended = one.intended === undefined ? '' : `    ${colors.cyan('intended')} ${one.intended}\n`;
  const refused = one.refused.map(({ code, message }) => `    ${colors.yellow('refused')} ${code} ${message}\n`);
  return `  ${colors.red('fail')} ${place}\n${fields.join('')}${intended}${refused.join('')}`;
}

/** The value at a field, of which the first name may be that of the whole and the rest may be a host with dots. */
function shown(whole: unknown, field: string): string {
  const [first = '', ...rest] = field.split('.');
  const part = first === 'nameTable' ? whole : rest.length === 0 ? whole : partOf(whole, first);
  const value = partOf(part, rest.length === 0 ? first : rest.join('.'));
  return value === undefined ? 'nothing' : canonicalJson(value);
}

const partOf = (whole: unknown, name: string): unknown => (whole as Readonly<Record<string, unknown>> | undefined)?.[name];
