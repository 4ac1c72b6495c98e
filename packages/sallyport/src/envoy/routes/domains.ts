import { ipFamily } from '../../lib/ip.ts';
import { addressesFor, UNSPECIFIED } from '../addresses.ts';
import type { Caller } from './caller.ts';
import type { Routable } from './routable.ts';

/** The Host headers that lead to a virtual host, most telling first. */
export interface Domains {
  readonly all: readonly string[];
  /** Those of `all` that yield to a service whose full name they are. */
  readonly short: readonly string[];
}

const NONE: readonly string[] = [];

/** Domains of a service where neither a DNS domain nor addresses add to them. */
export function plainDomains(hosts: readonly string[]): Domains {
  return { all: hosts.flatMap((host) => (ipFamily(host) === 0 ? [host, `${host}.`] : [bracketed(host)])), short: NONE };
}

/**
 * Domains of a service for a caller: host, its absolute form, short forms, the same for aliases, then addresses
 * (spec/istio.md 4.3 item 5). `port` is set where the listener stands for all ports, and then every domain comes
 * with the port, without it only for port 80, which clients leave out.
 */
export function domainsOf(
  service: Pick<Routable, 'names' | 'plain' | 'membersByName' | 'addresses' | 'autoAddresses' | 'registry'>,
  caller: Pick<Caller, 'dnsDomain' | 'ipFamilies' | 'dnsCapture'>,
  port?: number,
): Domains {
  const short = service.names.flatMap((host) => shortForms(host, caller.dnsDomain));
  const addresses = addressesFor(service, caller, caller).filter((address) => address !== UNSPECIFIED && address !== '::');
  // One object for all classes: these lists are the bulk of what is remembered of a class.
  if (short.length === 0 && addresses.length === 0 && !service.membersByName && port === undefined) return service.plain;
  const named = service.names.flatMap((host) => [...plainDomains([host]).all, ...shortForms(host, caller.dnsDomain)]);
  // Envoy's wildcard stands for one or more labels, so this covers every member.
  const members = service.membersByName ? named.map((domain) => `*.${domain}`) : NONE;
  const all = [...named, ...members, ...addresses.map(bracketed)];
  return port === undefined ? { all, short } : { all: withPort(all, port), short: withPort(short, port) };
}

/** Domains of a host that a VirtualService names and no service has. */
export function domainsOfUnknown(host: string): Domains {
  return { all: [bracketed(host)], short: NONE };
}

/** IPv6 addresses stand in brackets where a port may follow. */
export function bracketed(host: string): string {
  return ipFamily(host) === 6 ? `[${host}]` : host;
}

function withPort(domains: readonly string[], port: number): readonly string[] {
  return domains.flatMap((domain) => (port === 80 ? [domain, `${domain}:${port}`] : [`${domain}:${port}`]));
}

/**
 * The forms under which a proxy with this DNS domain finds the host without writing it out. In a cluster's domain
 * (`<ns>.svc.<suffix>`) only the cluster's own hosts have some; elsewhere what the two names do not share.
 */
export function shortForms(host: string, dnsDomain: string): readonly string[] {
  const cluster = dnsDomain.indexOf('.svc.');
  if (cluster < 0) return formsByLabels(host, dnsDomain);
  if (!host.endsWith(dnsDomain.slice(cluster))) return NONE;
  const namespaced = host.slice(0, host.indexOf('.svc.'));
  const dot = namespaced.indexOf('.');
  if (dot < 0) return NONE;
  const name = namespaced.slice(0, dot);
  const sameNamespace = namespaced.slice(dot + 1) === dnsDomain.slice(0, cluster);
  if (!sameNamespace) return [namespaced, `${namespaced}.svc`];
  // The bare name of `*.ns.svc.…` would be every host there is, and clash with the catch-all.
  return name === '*' ? [`${namespaced}.svc`, namespaced] : [name, `${namespaced}.svc`, namespaced];
}

function formsByLabels(host: string, dnsDomain: string): readonly string[] {
  const labels = host.split('.');
  const domain = dnsDomain.split('.');
  let shared = 0;
  while (shared < Math.min(labels.length, domain.length) && labels.at(-1 - shared) === domain.at(-1 - shared)) shared++;
  const own = labels.slice(0, labels.length - shared);
  if (shared === 0 || own.length === 0) return NONE;
  const name = own.join('.');
  if (name === '*') return NONE;
  return own.length === 2 ? [name, `${name}.${labels[own.length]}`] : [name];
}
