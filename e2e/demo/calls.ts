import type { Program } from './step.ts';

/** What a call printed, in one form for all programs. */
export interface Answer {
  readonly code: number;
  /** HTTP status of each transfer; 0 when there was none. */
  readonly statuses: readonly number[];
  /** What each stand-in said of itself. */
  readonly from: readonly {
    readonly server: string;
    readonly address: string;
    readonly path?: string;
    readonly operation?: string;
  }[];
  /** Name in the certificate of the TLS peer that the application has checked. */
  readonly peer?: string;
  /** The program's own words when it failed. */
  readonly complaint?: string;
}

const MARK = 'transfer:';
const GIVE_UP_S = 10;

/** The command as people read it. */
export function shown(program: Program): string {
  if (program.tool === 'curl') return ['curl', ...program.args].map(quoted).join(' ');
  return `for i in $(seq ${program.calls}); do exec 3<>/dev/tcp/${program.host}/${program.port}; head -n1 <&3; done`;
}

/** The command as it is run: the same, with what makes it end and tell more. `{ca}` stands for the authority's certificate. */
export function toRun(program: Program, caFile: string): string[] {
  if (program.tool === 'tcp') return ['bash', '-c', shown(program)];
  const given = program.args.map((arg) => (arg === CA ? caFile : arg));
  const isMany = (program.calls ?? 1) > 1;
  return [
    ...['curl', '--silent', '--show-error', '--max-time', String(GIVE_UP_S), '--write-out', `\\n${MARK}%{http_code}\\n`],
    ...(isMany ? [] : ['--verbose']),
    ...given,
  ];
}

/** The file with the authority that the application trusts. */
export const CA = 'ca.pem';

export function callsOf(program: Program): number {
  return program.calls ?? 1;
}

/** Reads what the program printed. */
export function answerOf({
  code,
  stdout,
  stderr,
}: {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}): Answer {
  const lines = stdout.split('\n');
  const statuses = lines.filter((line) => line.startsWith(MARK)).map((line) => Number(line.slice(MARK.length)));
  const from = lines.filter((line) => line.startsWith('{')).flatMap(said);
  const peer = /^\*\s+subject:.*CN ?= ?([^;\s]+)[\s\S]*^\*\s+SSL certificate verify ok/m.exec(stderr)?.[1];
  const complaint = stderr.split('\n').find((line) => /^(curl: \(\d+\)|bash: )/.test(line));
  return {
    code,
    statuses,
    from,
    ...(peer !== undefined && { peer }),
    ...(complaint !== undefined && code !== 0 && { complaint }),
  };
}

function said(line: string): Answer['from'] {
  try {
    const { server, address, path, headers } = JSON.parse(line) as {
      server: string;
      address: string;
      path?: string;
      headers?: Record<string, string>;
    };
    const operation = headers?.['x-envoy-decorator-operation'];
    return [{ server, address, ...(path !== undefined && { path }), ...(operation !== undefined && { operation }) }];
  } catch {
    return [];
  }
}

function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word}'`;
}
