import { isIP } from 'node:net';
import type { JsonValue } from '@bufbuild/protobuf';
import { type Call, indexResources, type ResourceIndex, resourcesFromJson } from 'sallyport/explain/index.ts';
import type { ProxyJson } from 'sallyport/pipeline/proxies.ts';
import { type ConfigVector, openVector } from 'sallyport/pipeline/vector.ts';
import type { Outcome } from './expected.ts';
import type { Way } from './machine.ts';
import type { Lists } from './tables.ts';

/** The resources of one proxy, as the machine takes them and as the walker reads them. */
export interface Setting {
  readonly name: string;
  readonly vector: ConfigVector;
  readonly proxy: ProxyJson;
  /** All there is. */
  readonly lists: Lists;
  /** Without what waits for certificates: Envoy takes no further clusters until one is there, and the laboratory hands out none. */
  readonly sent: Lists;
  readonly index: ResourceIndex;
}

/** A call that may be made, and everything it may come to. */
export interface Trial {
  readonly id: string;
  readonly setting: Setting;
  readonly call: Call;
  readonly way: Way;
  /** The real proxy has to do one of these. */
  readonly outcomes: readonly Outcome[];
  /** Why it cannot be made, when whoever made it up knows. */
  readonly unfit?: string;
}

/** What the real proxy needs to work in the laboratory: the agent's resolver, no certificates, and a log that says what it did. */
const METADATA = { SALLYPORT_RESOLVER: 'true', SALLYPORT_NO_IDENTITY: 'true' };
const LOGGING = { accessLogFile: '/dev/stdout', accessLogEncoding: 'JSON', accessLogFormat: '' };

export function settingsOf(
  vector: ConfigVector,
  proxies: readonly { readonly name: string; readonly proxy: ProxyJson }[],
): readonly Setting[] {
  const opened = openVector({ ...vector, mesh: { ...vector.mesh, ...LOGGING } });
  return proxies.map(({ name, proxy }) => {
    const metadata = { ...(proxy['metadata'] as object | undefined), ...METADATA };
    const { value: lists, issues } = opened.generate({ ...proxy, metadata });
    if (lists === undefined) throw new Error(`the proxy of ${name} is refused: ${JSON.stringify(issues)}`);
    return { name, vector, proxy, lists, sent: withoutWaiting(lists), index: indexResources(resourcesFromJson(lists)) };
  });
}

/** How a call gets to the proxy: gateways, and sidecars that capture nothing, have sockets of their own. */
export function wayOf({ index }: Setting, { inbound }: Call): Way {
  if (inbound) return 'inbound';
  return index.listeners.has('virtualOutbound') ? 'outbound' : 'direct';
}

/** Why a call cannot be made in the laboratory; undefined: it can. */
export function leftOut({ setting, call, way, outcomes, unfit }: Trial): string | undefined {
  const { lists, index } = setting;
  if (call.tls === 'mtls') return 'the caller needs a mesh certificate';
  if (unfit !== undefined) return unfit;
  if (call.protocol !== 'tcp' && call.host === '') return 'HTTP without a Host header is no valid HTTP';
  if (call.protocol === 'http2' && call.tls !== 'plaintext' && !call.alpn.includes('h2'))
    return 'HTTP/2 over TLS is spoken by who asked for h2';
  if (isIP(call.sni) !== 0) return 'no TLS library sends an address as server name';
  const capturing = way === 'direct' ? undefined : index.listeners.get(way === 'inbound' ? 'virtualInbound' : 'virtualOutbound');
  if (way === 'inbound' && capturing === undefined) return 'the proxy captures nothing inbound';
  if (
    call.address.includes(':') &&
    capturing !== undefined &&
    !JSON.stringify(listenerOf(lists, capturing.name)).includes('"::"')
  )
    return 'the proxy captures no IPv6';
  for (const { listener, detail } of outcomes) {
    if (detail?.fault === true) return 'faults are injected at random';
    if (listener !== undefined && needsCertificate(listenerOf(lists, listener))) return 'the listener waits for a certificate';
    for (const { cluster, endpoints = [] } of detail?.upstreams ?? []) {
      if (endpoints.some((endpoint) => endpoint.startsWith('unix:'))) return 'unix endpoints';
      const sent = lists.clusters.find((json) => nameOf(json) === cluster);
      if (needsCertificate(sent)) return 'the cluster checks or shows certificates that the laboratory has not';
    }
  }
  return undefined;
}

function withoutWaiting(lists: Lists): Lists {
  const ready = (json: JsonValue): boolean => !/[sS]dsSecretConfig/.test(JSON.stringify(json));
  return { ...lists, clusters: lists.clusters.filter(ready), listeners: lists.listeners.filter(ready) };
}

const nameOf = (json: JsonValue): unknown => (json as Readonly<Record<string, unknown>>)['name'];
const listenerOf = (lists: Lists, name: string) => lists.listeners.find((json) => nameOf(json) === name);
const needsCertificate = (json: JsonValue | undefined): boolean =>
  json !== undefined && /[sS]dsSecretConfig|trustedCa|tlsCertificates"/.test(JSON.stringify(json));
