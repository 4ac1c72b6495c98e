import { type EndpointPool, isHttp, isTls, type Port, type Protocol, type Service } from '../../model/index.ts';
import { listenAddressesFor, UNSPECIFIED } from '../addresses.ts';
import { isWildcardBind } from '../route-names.ts';
import { type ClientFacts, type EgressFacts, wildcardFor } from './facts.ts';

/** Where one port of a service listens. */
export interface Site {
  readonly bind: string;
  /** 0 for a unix socket. */
  readonly port: number;
  readonly protocol: Protocol;
  /** The address is a network: the bind is the wildcard, and the chain matches the network. */
  readonly cidr?: string;
  /** Bound where the user says, though the address is a network: of several services there only the name tells this one. */
  readonly byName?: boolean;
  /** The bind is an endpoint's address: of no use to the proxy that has it. */
  readonly atEndpoint?: boolean;
  /** Why nothing can listen there: a listener that every proxy has is there already, or the proxy may not bind it. */
  readonly refusal?: 'reserved' | 'privileged';
}

/** What sites depend on beside the service. */
export interface SiteView {
  readonly client: ClientFacts;
  readonly egress: EgressFacts;
  readonly onlyPort: number | undefined;
}

/** All sites of a service: for each of its ports, or the one of the Sidecar's egress listener (spec/istio.md 4.2). UDP has none, and an alias none of its own. */
export function sitesOf(view: SiteView, service: Service, pool: () => EndpointPool | undefined): readonly Site[] {
  if (service.aliasOf !== undefined) return [];
  const { port } = view.egress;
  const sites: Site[] = [];
  if (port !== undefined) {
    addSites(sites, view, service, port.number, port.protocol, pool);
    return sites;
  }
  for (const { number, protocol } of visiblePorts(service, view.onlyPort)) addSites(sites, view, service, number, protocol, pool);
  return sites;
}

export function visiblePorts(service: Service, onlyPort: number | undefined): readonly Port[] {
  return onlyPort === undefined ? service.ports : service.ports.filter(({ number }) => number === onlyPort);
}

/** Bound where the user says, else HTTP at the wildcard, else at the service's addresses. */
function addSites(
  to: Site[],
  view: SiteView,
  service: Service,
  port: number,
  protocol: Protocol,
  pool: () => EndpointPool | undefined,
): void {
  if (protocol === 'udp') return;
  const { client, egress } = view;
  const add = (bind: string, more?: Pick<Site, 'cidr' | 'byName' | 'atEndpoint'>) => {
    const refusal = refusalOf(view, port, bind);
    to.push({ bind, port, protocol, ...more, ...(refusal !== undefined && { refusal }) });
  };
  const wildcard = wildcardFor(client);
  const fixed = egress.bind ?? (isHttp(protocol) ? wildcard : undefined);
  const addresses = listenAddressesFor(service, { ipFamilies: client.families }, client);
  if (fixed !== undefined) {
    const networks = isTls(protocol) ? new Set(addresses.map((address) => address.includes('/'))) : [false];
    for (const byName of networks) add(fixed, byName ? { byName } : {});
    return;
  }
  const unspecified = addresses.length === 1 && addresses[0] === UNSPECIFIED;
  if (unspecified && service.resolution === 'none' && egress.port === undefined) {
    const binds = endpointBinds(service, port, pool());
    if (binds !== undefined) {
      for (const bind of binds) add(bind, { atEndpoint: true });
      return;
    }
  }
  for (const address of addresses) {
    if (address.includes('/')) add(wildcard, { cidr: address });
    else add(address === UNSPECIFIED && service.registry === 'external' ? wildcard : address);
  }
}

/**
 * Without any address of its own a NONE service listens on the addresses of its endpoints, so that other services keep
 * the port. Undefined for a plain entry, which takes the whole port (spec/istio.md 4.2).
 */
function endpointBinds(service: Service, port: number, pool: EndpointPool | undefined): readonly string[] | undefined {
  const endpoints = (pool?.endpoints ?? []).filter(({ servicePort }) => servicePort.number === port);
  if (endpoints.length === 0 && service.registry === 'external' && service.selector === undefined) return undefined;
  return [...new Set(endpoints.filter(({ address }) => address.kind === 'ip').map(({ address }) => address.value))].sort();
}

/** spec/istio.md 4.2 and 9; a TCP port on a wildcard bind of a listener that is there already would make Envoy refuse it. */
function refusalOf({ client, egress }: SiteView, port: number, bind: string): Site['refusal'] {
  if (egress.real && client.unprivileged && port > 0 && port < 1024) return 'privileged';
  return client.reserved.includes(port) && isWildcardBind(bind) ? 'reserved' : undefined;
}
