import type { AccessRecord } from '../lab/index.ts';
import type { Answer } from './calls.ts';
import type { AccessExpectation, CallOutcome } from './step.ts';

/** Each way in which what happened is not what was expected; empty when it is. */
export function differences(expected: CallOutcome, answer: Answer, access: readonly AccessRecord[]): string[] {
  const found: string[] = [];
  const expect = (isSo: boolean, what: string, wanted: unknown, got: unknown): void => {
    if (!isSo) found.push(`${what}: expected ${text(wanted)}, found ${text(got)}`);
  };
  const { status, exits = [0], servers = {}, paths, addresses, peer } = expected;
  expect(exits.includes(answer.code), 'exit code', exits.join(' or '), `${answer.code} ${answer.complaint ?? ''}`.trim());
  const statuses = [...new Set(answer.statuses.filter((one) => one !== 0))];
  expect(
    status === undefined ? statuses.length === 0 : statuses.length === 1 && statuses[0] === status,
    'HTTP status',
    status ?? 'none',
    statuses.length === 0 ? 'none' : statuses.join(', '),
  );
  const counted = tally(answer.from.map((one) => one.server));
  const isAsExpected =
    Object.keys(counted).every((name) => name in servers) &&
    Object.entries(servers).every(([name, [least, most]]) => (counted[name] ?? 0) >= least && (counted[name] ?? 0) <= most);
  expect(isAsExpected, 'who answered', servers, counted);
  if (addresses !== undefined) {
    const at = [...new Set(answer.from.map((one) => one.address))].sort();
    expect(String(at) === String([...addresses].sort()), 'addresses that answered', addresses, at);
  }
  if (paths !== undefined) {
    const others = answer.from.filter((one) => !paths.test(one.path ?? '')).map((one) => one.path ?? 'none');
    expect(others.length === 0, 'paths asked for', String(paths), others.join(', '));
  }
  if (peer !== undefined) expect(answer.peer === peer, 'TLS peer', peer, answer.peer ?? 'none that was checked');
  const strangers = access.filter((record) => !expected.access.some((one) => fits(one, record)));
  const missing = expected.access.filter((one) => !access.some((record) => fits(one, record)));
  for (const one of missing)
    expect(false, 'access log', one, [...new Set(access.map((record) => text(told(record))))].join(' and ') || 'nothing');
  if (missing.length === 0) for (const record of strangers) expect(false, 'access log', expected.access, told(record));
  return found;
}

function fits({ listener, route, cluster, sni }: AccessExpectation, record: AccessRecord): boolean {
  return (
    (listener === undefined || record.listener === listener) &&
    (route === undefined || record.route_name === route) &&
    (sni === undefined || record.requested_server_name === sni) &&
    (cluster === undefined || record.upstream_cluster === cluster)
  );
}

function told(record: AccessRecord): AccessExpectation & { readonly flags: string | null } {
  return {
    listener: record.listener ?? '',
    route: record.route_name ?? '',
    cluster: record.upstream_cluster,
    sni: record.requested_server_name ?? '',
    flags: record.response_flags,
  };
}

export function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const word of words) counted[word] = (counted[word] ?? 0) + 1;
  return counted;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
