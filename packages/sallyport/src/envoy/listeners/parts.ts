import {
  type EndpointPool,
  type Issue,
  isHttp,
  isTls,
  type ObjectKey,
  type Port,
  type Protocol,
  type Routing,
  type Rule,
  type RuleKey,
  type Service,
  type ServiceKey,
} from '../../model/index.ts';
import { addressesFor, UNSPECIFIED } from '../addresses.ts';
import { outboundListener } from '../names.ts';
import { isWildcardBind, routeConfigName } from '../route-names.ts';
import { isDynamic, type PortView, tcpChainsOf } from './chains.ts';
import { type ClientFacts, type EgressFacts, wildcardFor } from './facts.ts';
import { portRefused, unmatchableName } from './issues.ts';
import type { RoutingUse } from './l4-routing.ts';
import { cellsOf, EVERYTHING, isServerName, matchText } from './match.ts';
import { serviceChain } from './tcp-chain.ts';

/** All that the parts of one service depend on. Classes with the same source share the parts, and the bytes in them. */
export interface PartsSource {
  readonly service: ServiceKey;
  readonly client: ClientFacts;
  readonly egress: EgressFacts;
  /** The service's ports that are visible, or absent for all. */
  readonly onlyPort: number | undefined;
  readonly rule: RuleKey | undefined;
  readonly routings: readonly RoutingUse[];
}

/** What one service contributes to listeners. */
export interface ServiceParts {
  readonly host: string;
  readonly from: ObjectKey;
  /** Sorts services of one rank as Istio does (spec/istio.md 2.1). */
  readonly age: string;
  readonly parts: readonly Part[];
  /** Wildcards among the HTTP ports whose members are resolved when called. */
  readonly dynamicHost: string | undefined;
  readonly issues: readonly Issue[];
}

/** What one port of a service contributes to the listener on one address. */
export interface Part {
  readonly bind: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** The address is an endpoint's: it is of no use to the proxy that has it. */
  readonly atEndpoint: boolean;
  /** Chains in the order they are tried. */
  readonly tcp: readonly TcpChain[];
  readonly http: HttpPart | undefined;
}

export interface TcpChain {
  /** Chains with the same text take the same connections. */
  readonly match: string;
  /** Single pairs of name and prefix, for telling partial overlaps. */
  readonly cells: readonly string[];
  readonly bySni: boolean;
  readonly bytes: Uint8Array;
}

export interface HttpPart {
  /** Name of the route configuration. */
  readonly routes: string;
  /** Only what looks like HTTP is taken; the rest goes to the TCP chains of the listener. */
  readonly sniffs: boolean;
  readonly grpcWeb: boolean;
  /** DYNAMIC_DNS: the wildcard whose members are resolved when called. */
  readonly dynamicHost: string | undefined;
}

/** What {@link partsOf} looks up. */
export interface PartsReads {
  readonly rule: (key: RuleKey) => Rule | undefined;
  readonly routing: (key: string) => Routing | undefined;
  readonly pool: () => EndpointPool | undefined;
}

/** The parts of a service for all classes with the same source (spec/istio.md 4.2). */
export function partsOf(source: PartsSource, service: Service, reads: PartsReads): ServiceParts {
  const issues: Issue[] = [];
  const parts: Part[] = [];
  for (const listen of listenedPorts(source, service)) {
    for (const place of placesOf(source, service, listen, reads)) {
      const refusal = refusalOf(source, listen, place.bind);
      if (refusal !== undefined) issues.push(portRefused(service, listen.port, refusal));
      else parts.push(partOf(source, service, listen, place, reads, issues));
    }
  }
  return {
    host: service.host,
    from: service.from,
    age: [String(Math.max(0, service.createdAt)).padStart(16, '0'), service.name, service.namespace, service.key].join('\n'),
    parts: parts.filter((part) => part.http !== undefined || part.tcp.length > 0),
    dynamicHost: isDynamic(service) && service.ports.some(({ protocol }) => isHttp(protocol)) ? service.host : undefined,
    issues: [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()],
  };
}

interface Listen {
  readonly port: number;
  readonly protocol: Protocol;
}

/** The ports of the service, or the one port of the Sidecar's egress listener. UDP has no listener; an alias has none of its own. */
function listenedPorts({ egress, onlyPort }: PartsSource, service: Service): readonly Listen[] {
  if (service.aliasOf !== undefined) return [];
  const all: readonly Listen[] =
    egress.port !== undefined
      ? [{ port: egress.port.number, protocol: egress.port.protocol }]
      : visiblePorts(service, onlyPort).map(({ number, protocol }) => ({ port: number, protocol }));
  return all.filter(({ protocol }) => protocol !== 'udp');
}

function visiblePorts(service: Service, onlyPort: number | undefined): readonly Port[] {
  return onlyPort === undefined ? service.ports : service.ports.filter(({ number }) => number === onlyPort);
}

interface Place {
  readonly bind: string;
  /** The address is a network, matched by the chain. */
  readonly cidr?: string;
  readonly atEndpoint?: boolean;
}

/** Where a port listens: given by the user, else the wildcard for HTTP, else the service's addresses, each once. */
function placesOf(source: PartsSource, service: Service, listen: Listen, reads: PartsReads): readonly Place[] {
  const { client, egress } = source;
  const wildcard = wildcardFor(client);
  if (egress.bind !== undefined) return [{ bind: egress.bind }];
  if (isHttp(listen.protocol)) return [{ bind: wildcard }];
  const addresses = addressesFor(service, { ipFamilies: client.families }, client);
  const unspecified = addresses.length === 1 && addresses[0] === UNSPECIFIED;
  if (unspecified && service.resolution === 'none' && egress.port === undefined) {
    const binds = endpointBinds(service, listen.port, reads.pool());
    if (binds !== undefined) return binds.map((bind) => ({ bind, atEndpoint: true }));
  }
  return addresses.map((address) => {
    if (address.includes('/')) return { bind: wildcard, cidr: address };
    return { bind: address === UNSPECIFIED && service.registry === 'external' ? wildcard : address };
  });
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

/** Why a port cannot be listened on: a listener that every proxy has is there already, or the proxy may not bind it. */
function refusalOf({ client, egress }: PartsSource, { port }: Listen, bind: string): 'reserved' | 'privileged' | undefined {
  if (egress.real && client.unprivileged && port > 0 && port < 1024) return 'privileged';
  return isWildcardBind(bind) && client.reserved.includes(port) ? 'reserved' : undefined;
}

function partOf(source: PartsSource, service: Service, listen: Listen, place: Place, reads: PartsReads, issues: Issue[]): Part {
  const { port, protocol } = listen;
  const { bind, atEndpoint = false } = place;
  const routes = routeConfigName({ bind, port }, protocol, service.host);
  const wildcard = bind === wildcardFor(source.client);
  const http: HttpPart | undefined =
    routes === undefined
      ? undefined
      : {
          routes,
          sniffs: protocol === 'auto' || (protocol !== 'http-proxy' && wildcard),
          grpcWeb: protocol === 'grpc-web',
          dynamicHost: isDynamic(service) ? service.host : undefined,
        };
  if (isHttp(protocol)) return { bind, port, protocol, atEndpoint, tcp: [], http };
  const view = viewOf(source, service, listen, place, reads);
  issues.push(...unmatchableNames(view));
  const tcp = tcpChainsOf(view).map((spec) => {
    const match = spec.match ?? EVERYTHING;
    return { match: matchText(match), cells: cellsOf(match), bySni: match.serverNames.length > 0, bytes: serviceChain(spec) };
  });
  return { bind, port, protocol, atEndpoint, tcp, http };
}

function viewOf(source: PartsSource, service: Service, listen: Listen, { bind, cidr }: Place, reads: PartsReads): PortView {
  const wildcard = wildcardFor(source.client);
  const addresses = addressesFor(service, { ipFamilies: source.client.families }, source.client);
  return {
    service,
    listen,
    ports: visiblePorts(service, source.onlyPort),
    place: {
      listener: outboundListener(bind, listen.port),
      listenPort: listen.port,
      client: source.client,
      mongo: listen.protocol === 'mongo',
      tls: listen.protocol === 'tls',
    },
    cidr,
    bySni: bind === wildcard && addresses.includes(UNSPECIFIED),
    rule: source.rule === undefined ? undefined : reads.rule(source.rule),
    routings: source.routings.flatMap((use) => {
      const object = reads.routing(use.routing);
      return object === undefined ? [] : [{ ...use, object }];
    }),
    ruleOf: reads.rule,
  };
}

function unmatchableNames({ service, listen, bySni, cidr, routings }: PortView): readonly Issue[] {
  if (!isTls(listen.protocol)) return [];
  const written = routings.flatMap(({ object }) =>
    (object.spec.tls ?? []).flatMap(({ match }) =>
      (match ?? []).flatMap(({ sniHosts }) => (sniHosts ?? []).map((name) => ({ name, from: object.key }))),
    ),
  );
  const own = bySni || cidr !== undefined || isDynamic(service) ? [{ name: service.host, from: service.from }] : [];
  return [...own, ...written].filter(({ name }) => !isServerName(name)).map(({ name, from }) => unmatchableName(name, from));
}
