import { type Terminal, table } from 'sallyport/cli/terminal.ts';
import type { AccessRecord } from '../lab/index.ts';
import { tally } from './judge.ts';
import type { Done, Found, Saw } from './perform.ts';
import type { Text } from './step.ts';

const PIPE_WIDTH = 120;
const LEAST_WIDTH = 40;

export interface TextDone {
  readonly text: Text;
  readonly done: readonly Done[];
}

/** The head of a text. */
export function textHead({ id, title }: Text, { colors }: Terminal): string {
  return `\n${colors.bold(colors.cyan(id))}  ${colors.bold(title)}\n`;
}

/** A step: what was done, what came back, through what, and why. */
export function stepText({ step, command, saw, differs }: Done, terminal: Terminal): string {
  const { colors } = terminal;
  if (saw.kind === 'left out' && differs.length === 0)
    return `\n  ${colors.dim('○')} ${step.title}\n${paragraph(`needs capture: ${saw.because}`, 4, terminal, colors.dim)}`;
  const mark = differs.length === 0 ? colors.green('✓') : colors.red('✗');
  if (step.kind === 'delete' && step.isTidying === true && saw.kind === 'change' && differs.length === 0)
    return `\n${paragraph(`✓ ${step.title}: ${saw.objects.map((line) => line.split(' ')[0]).join(', ')}`, 2, terminal, colors.dim)}`;
  return [
    `\n  ${mark} ${colors.bold(step.title)}\n`,
    paragraph(`$ ${command}`, 4, terminal, colors.cyan),
    resultText(saw, terminal),
    paragraph(step.why, 4, terminal, colors.dim),
    ...differs.map((one) => paragraph(one, 4, terminal, colors.red)),
  ].join('');
}

function resultText(saw: Saw, terminal: Terminal): string {
  const { colors } = terminal;
  if (saw.kind === 'left out') return '';
  if (saw.kind === 'change') {
    const objects = saw.objects.map((line) => `      ${line}\n`).join('');
    const nothing = saw.objects.length === 0 ? `      nothing was written\n` : '';
    return `${objects}${nothing}${[...distinct(saw.issues)].map((issue) => findingText(issue, terminal)).join('')}`;
  }
  if (saw.kind === 'translated') return saw.text.replace(/^(?=.)/gm, '      ');
  if (saw.kind === 'lookup')
    return `      ${saw.addresses.length > 0 ? saw.addresses.join(', ') : colors.yellow(saw.said || 'no such name')}\n`;
  const came = answerText(saw);
  const ways = [...new Set(saw.access.map((record) => wayText(record, saw.answer.from[0]?.operation)))];
  const paint = saw.answer.code === 0 && !came.startsWith('5') ? colors.green : colors.yellow;
  return `${paragraph(came, 6, terminal, paint)}${ways.map((way) => paragraph(way, 6, terminal)).join('')}`;
}

function distinct(issues: readonly Found[]): Iterable<Found> {
  return new Map(issues.map((issue) => [JSON.stringify([issue.code, issue.message, issue.line]), issue])).values();
}

function findingText({ code, severity, message, hint, file, line, column }: Found, terminal: Terminal): string {
  const { colors } = terminal;
  const paint = { error: colors.red, warning: colors.yellow, info: colors.cyan }[severity];
  const place = file === undefined ? '' : ` ${colors.dim(`${file}:${line}:${column}`)}`;
  return [
    `      ${paint(severity)} ${colors.bold(code)}${place}\n`,
    paragraph(message, 8, terminal),
    hint === undefined ? '' : paragraph(`→ ${hint}`, 8, terminal, colors.green),
  ].join('');
}

/** What the application saw: `200 from api.example.com at 203.0.113.10`. */
export function answerText({ answer }: Extract<Saw, { kind: 'call' }>): string {
  if (answer.complaint !== undefined) return answer.complaint.trim();
  const statuses = [...new Set(answer.statuses.filter((status) => status !== 0))].join(', ');
  const hasMany = new Set(answer.from.map(({ server }) => server)).size === 1;
  const names = answer.from.map(({ server, address }) => (hasMany ? `${server} at ${address}` : server));
  const servers = Object.entries(tally(names)).sort(([a], [b]) => (a < b ? -1 : 1));
  if (answer.from.length > 1)
    return `${statuses === '' ? '' : `${statuses}: `}${servers.map(([name, times]) => `${times} × ${name}`).join(', ')}`;
  const [one] = answer.from;
  const peer = answer.peer === undefined ? '' : `, TLS peer ${answer.peer}, certificate checked`;
  if (one === undefined) return `${statuses} from Envoy itself`;
  const at = one.server === one.address ? '' : ` at ${one.address}`;
  return `${statuses === '' ? '' : `${statuses} `}from ${one.server}${at}${peer}`;
}

/** The way through Envoy, from its access log. */
export function wayText(record: AccessRecord, operation?: string): string {
  const route = routeOf(record, operation);
  return [
    `listener ${record.listener ?? '-'}`,
    ...(record.requested_server_name === null ? [] : [`SNI ${record.requested_server_name}`]),
    ...(route === '' ? [] : [`route ${route}`]),
    `cluster ${record.upstream_cluster ?? 'none'}`,
  ].join('  ');
}

/** A route of a VirtualService without a name has none in the log either; the operation it stamps on the request tells it apart. */
function routeOf(record: AccessRecord, operation: string | undefined): string {
  if (record.route_name !== null) return record.route_name;
  return record.method === null ? '' : `unnamed${operation === undefined ? '' : ` (${operation})`}`;
}

/** Text in lines that fit the terminal, each indented. Words are not broken. */
export function paragraph(
  text: string,
  indent: number,
  { width }: Terminal,
  paint: (line: string) => string = (line) => line,
): string {
  const room = Math.max(LEAST_WIDTH, Math.min(width ?? PIPE_WIDTH, PIPE_WIDTH)) - indent;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ (?! )/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= room || line === '') line = longer;
    else {
      lines.push(line);
      line = `  ${word}`;
    }
  }
  return [...lines, line].map((one) => `${' '.repeat(indent)}${paint(one)}\n`).join('');
}

/** Every call in a table, then what is not shown, then the sentence that counts. */
export function summaryText(texts: readonly TextDone[], seconds: number, terminal: Terminal): string {
  const { colors } = terminal;
  const calls = texts.flatMap(({ text, done }) =>
    done.flatMap(({ step, saw, differs }) => {
      if (saw.kind !== 'call') return [];
      const mark = differs.length === 0 ? colors.green('✓') : colors.red('✗');
      const [cluster = '', ...others] = new Set(saw.access.map((record) => record.upstream_cluster ?? 'answered by Envoy'));
      const result =
        saw.answer.code === 0 ? [...new Set(saw.answer.statuses.filter((one) => one > 0))].join() || 'connected' : 'closed';
      const first = [mark, text.id, step.title, saw.answer.peer === undefined ? result : `${result} TLS`, cluster];
      return [first, ...others.map((other) => ['', '', '', '', other])];
    }),
  );
  const later = texts.flatMap(({ text }) => text.notYetShown.map((line) => `${text.id}  ${line}`));
  const reasons = texts.flatMap(({ done }) =>
    done.flatMap(({ saw, differs }) => (saw.kind === 'left out' && differs.length === 0 ? [saw.because] : [])),
  );
  const leftOut = Object.entries(tally(reasons)).map(([reason, times]) => `${times} × ${reason}`);
  const all = texts.flatMap(({ done }) => done);
  const shown = all.filter(({ saw, differs }) => saw.kind !== 'left out' || differs.length > 0);
  const wrong = all.filter(({ differs }) => differs.length > 0).length;
  const sentence =
    wrong === 0
      ? colors.green(
          `${shown.length} steps in ${seconds.toFixed(0)} s, and everything happened as the texts or the messages say.`,
        )
      : colors.red(`${wrong} of ${shown.length} steps did not happen as expected; look for ✗.`);
  return [
    `\n${table(terminal, ['', 'TEXT', 'CALL', 'RESULT', 'CLUSTER'], calls)}`,
    ...section('Left out here, because it needs capture:', leftOut, terminal),
    ...section('Not yet shown:', later, terminal),
    `\n${sentence}\n`,
  ].join('');
}

function section(title: string, lines: readonly string[], terminal: Terminal): string[] {
  return lines.length === 0 ? [] : [`\n${terminal.colors.bold(title)}\n`, ...lines.map((line) => paragraph(line, 2, terminal))];
}

/** What machines get of all this: one object. */
export function resultJson(mode: string, texts: readonly TextDone[], seconds: number): object {
  return {
    ok: texts.every(({ done }) => done.every(({ differs }) => differs.length === 0)),
    mode,
    seconds: Number(seconds.toFixed(1)),
    texts: texts.map(({ text, done }) => ({
      id: text.id,
      title: text.title,
      ok: done.every(({ differs }) => differs.length === 0),
      steps: done.map(({ step, command, saw, differs, seconds: took }) => ({
        title: step.title,
        ok: differs.length === 0,
        command,
        ...sawJson(saw),
        why: step.why,
        differs,
        seconds: Number(took.toFixed(2)),
      })),
      notYetShown: text.notYetShown,
    })),
  };
}

function sawJson(saw: Saw): object {
  if (saw.kind === 'change') return { exitCode: saw.code, objects: saw.objects, issues: saw.issues };
  if (saw.kind === 'lookup') return { addresses: saw.addresses };
  if (saw.kind === 'translated') return { printed: saw.text };
  if (saw.kind === 'left out') return { leftOut: saw.because };
  const { code, statuses, from, peer, complaint } = saw.answer;
  return {
    exitCode: code,
    status: [...new Set(statuses.filter((status) => status !== 0))],
    servers: tally(from.map(({ server }) => server)),
    addresses: [...new Set(from.map(({ address }) => address))].sort(),
    peer,
    complaint,
    access: [...new Set(saw.access.map((record) => JSON.stringify(wayJson(record))))].map((text) => JSON.parse(text) as object),
  };
}

function wayJson(record: AccessRecord): object {
  return {
    listener: record.listener,
    filterChain: record.filter_chain_name,
    route: record.route_name,
    cluster: record.upstream_cluster,
    sni: record.requested_server_name,
    flags: record.response_flags,
  };
}
