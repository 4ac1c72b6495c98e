import { shown } from '../finding.ts';

/** Syntax rules that Istio's validation shares between kinds (spec/istio.md 1.3). Each gives the reason for refusing, or nothing. */

const LABEL = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const WILDCARD_LABEL = new RegExp(`^(?:\\*|(?:\\*|\\*-)?${LABEL})$`);
const QUALIFIED_NAME = '(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_KEY = new RegExp(`^(?:(${LABEL}(?:\\.${LABEL})*)/)?(${QUALIFIED_NAME})$`);
const LABEL_VALUE = new RegExp(`^(?:${QUALIFIED_NAME})?$`);

export type Reason = string | undefined;

export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && DNS_LABEL.test(text);
}

/** `example.com`, `example.com.`, and names of one label; no wildcard. */
export function notFqdn(name: string): Reason {
  return badLength(name) ?? badLabels(name);
}

const SNI_FORM = /^outbound_\.(\d+)_\.([^.]*)_\.(.+)$/;

/** `outbound_.<port>_.<subset>_.<host>`: how proxies name a cluster in SNI, also a host where a gateway passes TLS through. */
export function isClusterSni(name: string): boolean {
  const found = SNI_FORM.exec(name);
  return found !== null && (found[2] === '' || isDnsLabel(found[2]!)) && notFqdn(found[3]!) === undefined;
}

/** Like {@link notFqdn}, with `*`, `*foo` or `*-foo` allowed as the first label. */
export function notWildcardDomain(name: string): Reason {
  const dot = name.indexOf('.');
  const first = dot === -1 ? name : name.slice(0, dot);
  const length = badLength(name);
  if (length !== undefined) return length;
  if (first.length > 63 || !WILDCARD_LABEL.test(first)) return `its part ${shown(first)} is no DNS label`;
  return dot === -1 ? undefined : badLabels(name.slice(dot + 1));
}

function badLength(name: string): Reason {
  if (name === '') return 'it is empty';
  return name.length > 255 ? `it has ${name.length} characters, more than 255` : undefined;
}

function badLabels(name: string): Reason {
  const parts = name.split('.');
  const last = parts.at(-1)!;
  if (/^[-+]?\d+$/.test(last)) return `its last part ${shown(last)} is a number`;
  const bad = parts.find((part, i) => !(i === parts.length - 1 && part === '') && !isDnsLabel(part));
  return bad === undefined ? undefined : `its part ${shown(bad)} is no DNS label`;
}

/** What is wrong with the first bad pair of a label map. As in istiod the length of a value is not looked at. */
export function badLabelPair(
  labels: Readonly<Record<string, string>>,
): { readonly key: string; readonly reason: string } | undefined {
  for (const [key, value] of Object.entries(labels)) {
    const found = LABEL_KEY.exec(key);
    if (found === null || (found[1]?.length ?? 0) > 253 || found[2]!.length > 63)
      return { key, reason: `${shown(key)} is no label key` };
    if (!LABEL_VALUE.test(value)) return { key, reason: `${shown(value)} is no label value` };
  }
  return undefined;
}

const PROTOCOLS = new Set([
  'tcp',
  'udp',
  'grpc',
  'grpc-web',
  'http',
  'http_proxy',
  'http2',
  'https',
  'tls',
  'mongo',
  'redis',
  'mysql',
]);
export const PROTOCOL_NAMES = 'HTTP, HTTP2, GRPC, GRPC-Web, HTTPS, TLS, TCP, UDP, HTTP_PROXY, Mongo, Redis, MySQL';

/** Lower-case protocol name; `undefined` for text that names none; empty text means detection. */
export function protocolName(text: string): string | undefined {
  const name = text.toLowerCase();
  return name === '' || PROTOCOLS.has(name) ? name : undefined;
}

export const HTTP_FAMILY: ReadonlySet<string> = new Set(['http', 'http2', 'http_proxy', 'grpc', 'grpc-web']);
export const TLS_FAMILY: ReadonlySet<string> = new Set(['https', 'tls']);
export const TCP_FAMILY: ReadonlySet<string> = new Set(['tcp', 'https', 'tls', 'mongo', 'redis', 'mysql']);
