import { wildcardsOf } from '../lib/host.ts';
import { ipFamily } from '../lib/ip.ts';
import { compareText, type Issue, type Outcome, type PlacedWorkload, type ProxyNode } from '../model/index.ts';
import { generate } from './generate.ts';
import type { Pipeline } from './index.ts';
import type { ProxyJson } from './proxies.ts';

/** What a request to a URL asks for: the JSON of `--call` but for the address, which depends on who asks. */
export interface RequestJson {
  readonly port: number;
  readonly protocol: 'tcp' | 'http' | 'http2';
  readonly tls: 'plaintext' | 'tls';
  readonly host: string;
  readonly method: string;
  readonly path: string;
}

const SCHEMES: Readonly<Record<string, Pick<RequestJson, 'protocol' | 'tls'> & { readonly port?: number }>> = {
  'http:': { protocol: 'http', tls: 'plaintext', port: 80 },
  'https:': { protocol: 'http', tls: 'tls', port: 443 },
  'grpc:': { protocol: 'http2', tls: 'plaintext', port: 80 },
  'tcp:': { protocol: 'tcp', tls: 'plaintext' },
  'tls:': { protocol: 'tcp', tls: 'tls', port: 443 },
};

/** Reads `GET https://host/path` of `explain`. The caller of `https` encrypts by itself, before the proxy. */
export function requestOf(method: string, text: string): Outcome<RequestJson & { readonly hostname: string }> {
  const url = URL.parse(text);
  const scheme = SCHEMES[url?.protocol ?? ''];
  if (url === null || scheme === undefined || url.hostname === '') {
    const known = Object.keys(SCHEMES).map((name) => `${name}//`);
    return refusal(`${JSON.stringify(text)} is no URL that can be explained`, `write one that starts with ${known.join(', ')}`);
  }
  const port = url.port === '' ? scheme.port : Number(url.port);
  if (port === undefined) return refusal(`${text} has no port`, `write for example ${url.protocol}//${url.hostname}:5432`);
  const { protocol, tls } = scheme;
  const hostname = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const path = `${url.pathname || '/'}${url.search}`;
  return { value: { port, protocol, tls, host: url.host.toLowerCase(), method, path, hostname }, issues: [] };
}

/** The proxy beside a workload, and what was assumed of it because the configuration does not have it. */
export interface Caller {
  readonly proxy: ProxyJson;
  readonly assumed?: string;
}

/**
 * Reads `--from namespace/workload`. Labels and addresses come from the Pod or WorkloadEntry of that name, or from the first Pod
 * whose name starts with it; without any, the label `app` is taken to be the name. The proxy captures DNS, as beside our agent.
 */
export function callerOf({ registry }: Pipeline, from: string): Outcome<Caller> {
  const [namespace = '', name = '', ...rest] = from.split('/');
  if (namespace === '' || name === '' || rest.length > 0)
    return refusal(`${JSON.stringify(from)} is no workload`, 'write it as namespace/workload');
  const metadata = { DNS_CAPTURE: 'true', DNS_AUTO_ALLOCATE: 'true' };
  const workload =
    registry.workloads.get(`Pod/${namespace}/${name}`) ??
    registry.workloads.get(`WorkloadEntry/${namespace}/${name}`) ??
    firstReplica(registry.workloads.entries(), namespace, name);
  if (workload === undefined) {
    const assumed = `no Pod or WorkloadEntry ${from} is among the files; taken to be a workload with the label app=${name}`;
    return { value: { proxy: { namespace, name, labels: { app: name }, metadata }, assumed }, issues: [] };
  }
  const { labels, addresses } = workload;
  const ips = addresses.filter((address) => ipFamily(address) !== 0);
  return { value: { proxy: { namespace, name, labels, metadata, ...(ips.length > 0 && { ips }) } }, issues: [] };
}

function firstReplica(workloads: Iterable<[string, PlacedWorkload]>, namespace: string, name: string) {
  const replicas = [...workloads].filter(([id]) => id.startsWith(`Pod/${namespace}/${name}-`));
  return replicas.sort(([a], [b]) => compareText(a, b))[0]?.[1];
}

/** Addresses that are nobody's, for names that public DNS would know (RFC 5737, RFC 3849). */
const DOCUMENTATION = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;

/** The address that a workload finds under a name: by its proxy's name table, else an address that stands for public DNS. */
export function lookUp(pipeline: Pipeline, proxy: ProxyNode, hostname: string): string {
  if (ipFamily(hostname) !== 0) return hostname;
  const { nameTable } = generate(pipeline, proxy);
  const names = searched(hostname, proxy.dnsDomain);
  const keys = [...names, ...wildcardsOf(hostname)];
  for (const key of keys) {
    const { ips = [] } = (nameTable[key] ?? {}) as { readonly ips?: readonly string[] };
    if (ips[0] !== undefined) return ips[0];
  }
  return DOCUMENTATION[ipFamily(proxy.ips[0] ?? '') === 6 ? 6 : 4];
}

/** A name as it is, then below each of the domains that a resolver in the cluster searches. */
function searched(hostname: string, domain: string): string[] {
  const labels = domain.split('.');
  return [hostname, ...labels.slice(0, -1).map((_, i) => `${hostname}.${labels.slice(i).join('.')}`)];
}

function refusal(message: string, hint: string): { readonly issues: readonly Issue[] } {
  return { issues: [{ code: 'INVALID_VALUE', severity: 'error', message, hint }] };
}
