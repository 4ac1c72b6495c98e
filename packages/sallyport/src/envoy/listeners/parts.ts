import {
  type EndpointPool,
  type Issue,
  isHttp,
  isTls,
  type ObjectKey,
  type Protocol,
  type Routing,
  type Rule,
  type RuleKey,
  type Service,
  type ServiceKey,
} from '../../model/index.ts';
import { listenAddressesFor, UNSPECIFIED } from '../addresses.ts';
import { type DynamicName, dynamicName } from '../dynamic-name.ts';
import { outboundListener } from '../names.ts';
import { routeConfigName } from '../route-names.ts';
import { paddedTime } from '../routes/routable.ts';
import { type PortView, tcpChainsOf } from './chains.ts';
import { type ClientFacts, type EgressFacts, wildcardFor } from './facts.ts';
import { portRefused, unmatchableName } from './issues.ts';
import type { RoutingUse } from './l4-routing.ts';
import { cellsOf, EVERYTHING, isServerName, matchText } from './match.ts';
import { type Site, sitesOf, visiblePorts } from './sites.ts';
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
  readonly issues: readonly Issue[];
}

/** What one port of a service contributes to the listener on one address. */
export interface Part {
  readonly bind: string;
  readonly port: number;
  readonly protocol: Protocol;
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
  readonly dynamicHost: DynamicName | undefined;
}

/** What {@link partsOf} looks up. */
export interface PartsReads {
  readonly rule: (key: RuleKey) => Rule | undefined;
  readonly routing: (key: string) => Routing | undefined;
  readonly pool: () => EndpointPool | undefined;
  /** Hosts that stand for the service's own (ExternalName). */
  readonly aliases: () => readonly string[];
}

/** The parts of a service for all classes with the same source (spec/istio.md 4.2). */
export function partsOf(source: PartsSource, service: Service, reads: PartsReads): ServiceParts {
  const issues: Issue[] = [];
  const parts: Part[] = [];
  for (const site of sitesOf(source, service, reads.pool)) {
    if (site.refusal !== undefined) issues.push(portRefused(service, site.port, site.refusal));
    else parts.push(partOf(source, service, site, reads, issues));
  }
  return {
    host: service.host,
    from: service.from,
    age: [paddedTime(service.createdAt), service.name, service.namespace, service.key].join('\n'),
    parts: parts.filter((part) => part.http !== undefined || part.tcp.length > 0),
    issues: [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()],
  };
}

function partOf(source: PartsSource, service: Service, site: Site, reads: PartsReads, issues: Issue[]): Part {
  const { bind, port, protocol } = site;
  const routes = routeConfigName({ bind, port }, protocol, service.host);
  const wildcard = bind === wildcardFor(source.client);
  const http: HttpPart | undefined =
    routes === undefined
      ? undefined
      : {
          routes,
          sniffs: protocol === 'auto' || (protocol !== 'http-proxy' && wildcard),
          grpcWeb: protocol === 'grpc-web',
          dynamicHost: dynamicName(service),
        };
  if (isHttp(protocol)) return { bind, port, protocol, tcp: [], http };
  const view = viewOf(source, service, site, reads);
  issues.push(...unmatchableNames(view));
  const tcp = tcpChainsOf(view).map((spec) => {
    const match = spec.match ?? EVERYTHING;
    return { match: matchText(match), cells: cellsOf(match), bySni: match.serverNames.length > 0, bytes: serviceChain(spec) };
  });
  return { bind, port, protocol, tcp, http };
}

function viewOf(source: PartsSource, service: Service, site: Site, reads: PartsReads): PortView {
  const { bind, port, protocol, cidr, byName = false } = site;
  const wildcard = wildcardFor(source.client);
  const addresses = listenAddressesFor(service, { ipFamilies: source.client.families }, source.client);
  // With an address of its own the service needs no name to be told apart: any name is let through (spec/istio.md 4.5).
  const named =
    isTls(protocol) &&
    (cidr !== undefined ||
      byName ||
      dynamicName(service) !== undefined ||
      (bind === wildcard && addresses.includes(UNSPECIFIED)));
  return {
    service,
    listen: { port, protocol },
    ports: visiblePorts(service, source.onlyPort),
    place: {
      listener: outboundListener(bind, port),
      listenPort: port,
      client: source.client,
      mongo: protocol === 'mongo',
      tls: protocol === 'tls',
    },
    cidr,
    serverNames: named ? [service.host, ...reads.aliases()] : [],
    rule: source.rule === undefined ? undefined : reads.rule(source.rule),
    routings: source.routings.flatMap((use) => {
      const object = reads.routing(use.routing);
      return object === undefined ? [] : [{ ...use, object }];
    }),
    ruleOf: reads.rule,
  };
}

function unmatchableNames({ service, listen, serverNames, routings }: PortView): readonly Issue[] {
  if (!isTls(listen.protocol)) return [];
  const written = routings.flatMap(({ object }) =>
    (object.spec.tls ?? []).flatMap(({ match }) =>
      (match ?? []).flatMap(({ sniHosts }) => (sniHosts ?? []).map((name) => ({ name, from: object.key }))),
    ),
  );
  const own = serverNames.map((name) => ({ name, from: service.from }));
  return [...own, ...written].filter(({ name }) => !isServerName(name)).map(({ name, from }) => unmatchableName(name, from));
}
