import { ipFamily } from '../lib/ip.ts';
import type { Issue, IssueCode, Outcome } from '../model/index.ts';

/** One attempt of a workload to reach something, with every default filled in (conformance/README.md section 2). */
export interface Call {
  /** Destination address of the connection, an IP address. */
  readonly address: string;
  /** Destination port of the connection. */
  readonly port: number;
  readonly protocol: 'tcp' | 'http' | 'http2';
  readonly tls: 'plaintext' | 'tls' | 'mtls';
  /** Empty: the caller sends none. */
  readonly sni: string;
  /** In the caller's order; empty: the caller sends none. */
  readonly alpn: readonly string[];
  /** The Host or `:authority` header, a port included if the caller sends one; empty: none. */
  readonly host: string;
  readonly method: string;
  /** Path with query, as in the request line. */
  readonly path: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The call comes to the proxy's own workload from outside. */
  readonly inbound: boolean;
  /** SPIFFE id in the caller's certificate, for mtls calls; empty: not known. */
  readonly principal: string;
  /** Address that the caller connects from; empty: not known. */
  readonly source: string;
  /** Name of the certificate that counts as the workload's own for mtls calls, beside `default`; empty: none. */
  readonly mtlsSecret: string;
}

type Json = Readonly<Record<string, unknown>>;
interface Field {
  readonly holds: (value: unknown) => boolean;
  readonly expected: string;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const oneOf = (...words: readonly string[]): Field => ({
  holds: (v) => isText(v) && words.includes(v),
  expected: words.map((word) => JSON.stringify(word)).join(', '),
});
const text: Field = { holds: isText, expected: 'a text' };

const FIELDS: Readonly<Record<keyof Call, Field>> = {
  address: { holds: (v) => isText(v) && ipFamily(v) !== 0, expected: 'an IP address' },
  port: { holds: (v) => Number.isInteger(v) && Number(v) >= 1 && Number(v) <= 65535, expected: 'a port from 1 to 65535' },
  protocol: oneOf('tcp', 'http', 'http2'),
  tls: oneOf('plaintext', 'tls', 'mtls'),
  sni: text,
  alpn: { holds: (v) => Array.isArray(v) && v.every(isText), expected: 'a list of protocol names, e.g. ["h2"]' },
  host: text,
  method: { holds: (v) => isText(v) && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(v), expected: 'an HTTP method, e.g. "GET"' },
  path: { holds: (v) => isText(v) && (v.startsWith('/') || v === '*'), expected: 'a path that starts with "/"' },
  headers: { holds: (v) => isObject(v) && Object.values(v).every(isText), expected: 'an object whose values are texts' },
  inbound: { holds: (v) => typeof v === 'boolean', expected: 'true or false' },
  principal: text,
  source: { holds: (v) => isText(v) && (v === '' || ipFamily(v) !== 0), expected: 'an IP address' },
  mtlsSecret: text,
};

/**
 * Reads the JSON of `--call` (already parsed) and fills in the defaults of conformance/README.md section 2.
 * Any error among the issues means that there is no value.
 */
export function callOf(json: unknown): Outcome<Call> {
  if (!isObject(json)) {
    const hint = 'write for example {"port": 443, "tls": "tls", "host": "api.example.com"}';
    return { issues: [issueOf('INVALID_VALUE', undefined, `a call is an object, not ${shown(json)}`, hint)] };
  }
  const issues = Object.entries(json).flatMap(([name, value]) => judge(name, value));
  if (json['port'] === undefined) {
    issues.push(issueOf('MISSING_FIELD', 'port', 'a call needs a port', 'write for example "port": 443'));
  }
  if (issues.length > 0) return { issues };
  const given = json as Partial<Call>;
  const { protocol = 'tcp', tls = 'plaintext', host = '' } = given;
  const hidden = tls === 'plaintext';
  const call: Call = {
    address: given.address ?? '1.3.3.7',
    port: given.port!,
    protocol,
    tls,
    sni: hidden ? '' : (given.sni ?? (tls === 'tls' ? withoutPort(host) : '')),
    alpn: hidden ? [] : (given.alpn ?? DEFAULT_ALPN[tls][protocol]),
    host,
    method: given.method ?? 'GET',
    path: given.path ?? '/',
    headers: Object.fromEntries(Object.entries(given.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
    inbound: given.inbound ?? false,
    principal: given.principal ?? '',
    source: given.source ?? '',
    mtlsSecret: given.mtlsSecret ?? '',
  };
  return { value: call, issues: hidden ? unsent(given) : [] };
}

const DEFAULT_ALPN = {
  mtls: { http: ['istio-http/1.1'], http2: ['istio-h2'], tcp: ['istio'] },
  tls: { http: ['http/1.1'], http2: ['h2'], tcp: [] },
} as const;

/** The host without a trailing port; IPv6 addresses keep their brackets. */
export function withoutPort(host: string): string {
  return host.replace(/:\d*$/, (port, at: number) => (host.startsWith('[') && host[at - 1] !== ']' ? port : ''));
}

/** A plaintext call sends neither server name nor protocol list; whoever gives one has probably forgotten `tls`. */
function unsent(given: Partial<Call>): Issue[] {
  return (['sni', 'alpn'] as const)
    .filter((name) => given[name] !== undefined && given[name].length > 0)
    .map((name) => ({
      ...issueOf('INEFFECTIVE', name, `${name} of a plaintext call is never sent`, 'add "tls": "tls", or leave it out'),
      severity: 'warning',
    }));
}

function judge(name: string, value: unknown): Issue[] {
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof Call] : undefined;
  if (field === undefined) {
    const known = Object.keys(FIELDS).join(', ');
    return [issueOf('UNKNOWN_FIELD', name, `a call has no field ${JSON.stringify(name)}`, `the fields are ${known}`)];
  }
  if (field.holds(value)) return [];
  return [issueOf('INVALID_VALUE', name, `${name} of a call is ${shown(value)}`, `expected ${field.expected}`)];
}

function issueOf(code: IssueCode, field: string | undefined, message: string, hint: string): Issue {
  return { code, severity: 'error', message, hint, ...(field !== undefined && { field: [field] }) };
}

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);
