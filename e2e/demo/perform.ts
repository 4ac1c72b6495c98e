import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { structural } from 'sallyport/collection/index.ts';
import { readFileText } from 'sallyport/config/index.ts';
import { ROOT } from '../lab/environment.ts';
import type { AccessRecord, Lab, Ran } from '../lab/index.ts';
import { type Answer, answerOf, callsOf, shown, toRun } from './calls.ts';
import { differences } from './judge.ts';
import type { CallStep, ChangeStep, LookupStep, Step, TranslateStep } from './step.ts';

/** A step and what came of it. */
export interface Done {
  readonly step: Step;
  /** The command as people would type it. */
  readonly command: string;
  readonly saw: Saw;
  /** In which ways it differs from what was expected; empty: all is as it should be. */
  readonly differs: readonly string[];
  readonly seconds: number;
}

export type Saw =
  | { readonly kind: 'change'; readonly code: number; readonly objects: readonly string[]; readonly issues: readonly Found[] }
  | { readonly kind: 'translated'; readonly text: string }
  | { readonly kind: 'call'; readonly answer: Answer; readonly access: readonly AccessRecord[] }
  | { readonly kind: 'lookup'; readonly addresses: readonly string[]; readonly said: string }
  | { readonly kind: 'left out'; readonly because: string };

/** A finding as `sallyport apply -o json` prints it. */
export interface Found {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly hint?: string;
}

/** Does what the step says through the real command line, and compares. */
export async function perform(step: Step, lab: Lab): Promise<Done> {
  const started = performance.now();
  const outcome = await one(step, lab).catch((error: Error) => ({
    command: '',
    saw: { kind: 'left out' as const, because: error.message },
    differs: [error.message],
  }));
  return { step, ...outcome, seconds: (performance.now() - started) / 1000 };
}

type Outcome = Omit<Done, 'step' | 'seconds'>;

async function one(step: Step, lab: Lab): Promise<Outcome> {
  if (lab.mode === 'proxy' && step.needsCapture !== undefined) {
    return { command: commandOf(step), saw: { kind: 'left out', because: step.needsCapture }, differs: [] };
  }
  if (step.kind === 'call') return call(step, lab);
  if (step.kind === 'lookup') return lookUp(step, lab);
  if (step.kind === 'translate') return translate(step, lab);
  return change(step, lab);
}

export function commandOf(step: Step): string {
  if (step.kind === 'call') return shown(step.program);
  if (step.kind === 'lookup') return `nslookup ${step.name}`;
  return ['sallyport', step.kind, '-n', step.namespace, ...objectsOf(step, (file) => `examples/${file}`)].join(' ');
}

function objectsOf({ files = [], object }: Pick<ChangeStep, 'files' | 'object'>, path: (file: string) => string): string[] {
  return [...(object === undefined ? [] : [object.kind, object.name]), ...files.flatMap((file) => ['-f', path(file)])];
}

async function change(step: ChangeStep & Step, lab: Lab): Promise<Outcome> {
  const objectsGiven = objectsOf(step, (file) => join(ROOT, 'examples', file));
  const ran = await lab.sallyport([step.kind, '-n', step.namespace, ...objectsGiven, '-o', 'json']);
  await lab.settled();
  const { objects, issues } = JSON.parse(ran.stdout || `{"objects":[],"issues":[]}`) as {
    objects: { key: { kind: string; namespace: string; name: string }; action: string }[];
    issues: Found[];
  };
  const codes = issues.map(({ code }) => code).sort();
  const differs: string[] = [];
  if (ran.code !== step.expect.code)
    differs.push(`exit code: expected ${step.expect.code}, found ${ran.code} ${ran.stderr.trim()}`);
  if (String(codes) !== String(step.expect.issues))
    differs.push(`findings: expected ${step.expect.issues.join(', ') || 'none'}, found ${codes.join(', ') || 'none'}`);
  const named = objects.map(({ key, action }) => `${key.kind.toLowerCase()}/${key.name} ${action} in ${key.namespace}`);
  const found = issues.map((issue) => (issue.file === undefined ? issue : { ...issue, file: shortened(issue.file, lab) }));
  return { command: commandOf(step), saw: { kind: 'change', code: ran.code, objects: named, issues: found }, differs };
}

async function translate(step: TranslateStep & Step, lab: Lab): Promise<Outcome> {
  const files = objectsOf(step, (file) => join(ROOT, 'examples', file));
  const { code, stdout, stderr } = await lab.sallyport(['translate', '-n', step.namespace, ...files]);
  const wanted = readFileSync(join(ROOT, 'examples', step.expect.printed), 'utf8');
  const differs = [
    ...(code === 0 ? [] : [`exit code: expected 0, found ${code} ${stderr.trim()}`]),
    ...(structural(objectsIn(stdout), objectsIn(wanted)) ? [] : [`printed: not the objects of examples/${step.expect.printed}`]),
  ];
  const text = stdout.replaceAll(`${join(ROOT, 'examples')}/`, 'examples/');
  return { command: commandOf(step), saw: { kind: 'translated', text }, differs };
}

function objectsIn(text: string): readonly unknown[] {
  return readFileText({ source: '', path: '', text }).documents.map(({ value }) => value);
}

/** People know the checkout and the configuration directory, not where on this machine they are. */
function shortened(path: string, { configDir }: Lab): string {
  const inside = (folder: string) => path.startsWith(`${folder}/`);
  if (inside(configDir)) return relative(configDir, path);
  return inside(ROOT) ? relative(ROOT, path) : path;
}

async function call(step: CallStep & Step, lab: Lab): Promise<Outcome> {
  const from = lab.access().length;
  const ran: Ran = await lab.exec(toRun(step.program, lab.caFile));
  const answer = answerOf(ran);
  const access = await lab
    .waitAccessCount(callsOf(step.program), { from, timeoutMs: 3_000 })
    .catch(() => lab.access().slice(from));
  const expected = lab.mode === 'proxy' ? { ...forAnyListener(step.expect), ...step.inProxyMode } : step.expect;
  return { command: commandOf(step), saw: { kind: 'call', answer, access }, differs: differences(expected, answer, access) };
}

/** A forward proxy has one listener for everything, and other addresses behind it. */
function forAnyListener({ addresses: _, ...expected }: CallStep['expect']): CallStep['expect'] {
  return { ...expected, access: expected.access.map(({ cluster }) => (cluster === undefined ? {} : { cluster })) };
}

async function lookUp(step: LookupStep & Step, lab: Lab): Promise<Outcome> {
  const { stdout } = await lab.exec(['nslookup', step.name]);
  // The first address is the server's own.
  const addresses = [...stdout.matchAll(/^Address: (\S+)$/gm)].map((match) => match[1]!).sort();
  const said = /\*\* .*/.exec(stdout)?.[0] ?? '';
  const wanted = step.expect.addresses;
  const differs =
    String(addresses) === String(wanted)
      ? []
      : [`addresses: expected ${wanted.join(', ') || 'none'}, found ${addresses.join(', ') || `none: ${stdout.trim()}`}`];
  return { command: commandOf(step), saw: { kind: 'lookup', addresses, said }, differs };
}
