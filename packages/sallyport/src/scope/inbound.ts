import {
  byServiceAge,
  type ClassInbound,
  compareText,
  type PeerRulings,
  type Protocol,
  type ProxyClass,
  rulingAt,
  type Served,
  type ServedPort,
  type Service,
  type SidecarObject,
} from '../model/index.ts';

/** What the inbound side of a class is made from. */
export interface InboundFacts {
  readonly sidecar: SidecarObject | undefined;
  readonly rulings: PeerRulings;
  readonly service: (key: string) => Service | undefined;
}

/**
 * Where the proxies of a class take calls, and under which rules. A Sidecar with ingress listeners says it all; else the
 * services do, of which the oldest decides at a port of the workload (spec/istio.md 10.3).
 */
export function inboundOf(proxy: ProxyClass, { sidecar, rulings, service }: InboundFacts): ClassInbound {
  const services = servedServices(proxy.serves, service);
  const all = isIngress(sidecar) ? ingressPorts(sidecar, services, rulings) : servicePorts(services, rulings);
  const ports = all.map((port) => withLimits(port, sidecar));
  const served = new Set(ports.map(({ target }) => target));
  const exceptions = Object.keys(rulings.ports)
    .map(Number)
    .filter((port) => !served.has(port))
    .sort((a, b) => a - b)
    .map((port) => ({ port, ruling: rulingAt(rulings, port) }));
  const { mode, by } = rulings;
  return { class: proxy.id, ruling: { mode, ...(by !== undefined && { by }) }, exceptions, ports };
}

export function isIngress(sidecar: SidecarObject | undefined): sidecar is SidecarObject {
  return (sidecar?.spec.ingress ?? []).length > 0;
}

/** An ingress listener's own limits come before those for all of the Sidecar's ports, whether it has listeners or not. */
function withLimits(port: ServedPort, sidecar: SidecarObject | undefined): ServedPort {
  const connectionPool = port.ingress?.listener.connectionPool ?? sidecar?.spec.inboundConnectionPool;
  return connectionPool === undefined ? port : { ...port, connectionPool };
}

interface Target extends Served {
  readonly of: Service;
  readonly protocol: Protocol;
}

/** What is served by target port, the deciding service first: by age, then host, then the order of its ports. */
function servedServices(serves: readonly Served[], service: (key: string) => Service | undefined): ReadonlyMap<number, Target[]> {
  const targets = serves.flatMap((served) => {
    const of = service(served.service);
    const protocol = of?.ports.find(({ number }) => number === served.port)?.protocol;
    return of === undefined || protocol === undefined || protocol === 'udp' ? [] : [{ ...served, of, protocol }];
  });
  targets.sort(
    (a, b) =>
      a.of.createdAt - b.of.createdAt || compareText(a.of.host, b.of.host) || byServiceAge(a.of, b.of) || rank(a) - rank(b),
  );
  return Map.groupBy(targets, ({ target }) => target);
}

function rank({ of, port }: Target): number {
  return of.ports.findIndex(({ number }) => number === port);
}

function servicePorts(services: ReadonlyMap<number, readonly Target[]>, rulings: PeerRulings): ServedPort[] {
  return [...services]
    .sort(([a], [b]) => a - b)
    .map(([target, behind]) => {
      const [{ port, protocol, of }] = behind as [Target];
      return {
        target,
        port,
        protocol,
        host: of.host,
        ruling: rulingAt(rulings, target),
        from: of.from,
        ruledBy: of.host,
        services: namesOf(behind),
      };
    });
}

/** Of several services with one host the first is named. */
function namesOf(targets: readonly Target[]): ServedPort['services'] {
  const [first] = targets;
  if (first === undefined || first.of.location === 'external') return [];
  const named = targets
    .filter(({ port }) => port === first.port)
    .map(({ of: { host, name, namespace } }) => ({ host, name, namespace }));
  return [...new Map(named.toReversed().map((one) => [one.host, one])).values()].reverse();
}

/** A Sidecar's own ports; a service at the same port is only named as what stands behind it. */
function ingressPorts(
  { key, spec, apiVersion }: SidecarObject,
  services: ReadonlyMap<number, readonly Target[]>,
  rulings: PeerRulings,
): ServedPort[] {
  const host = `${key.name}.${key.namespace}`;
  const ports = (spec.ingress ?? []).flatMap((listener, index): ServedPort[] => {
    const target = listener.port?.number ?? 0;
    if (target === 0) return [];
    const [real] = services.get(target) ?? [];
    const protocol = protocolOf(listener.port?.protocol);
    return [
      {
        target,
        port: target,
        protocol,
        host,
        ruling: rulingAt(rulings, target),
        from: key,
        ruledBy: real?.of.host ?? host,
        services: real === undefined ? [] : namesOf([real]),
        ingress: { listener, index, sidecar: key, apiVersion },
      },
    ];
  });
  const first = new Map(ports.toReversed().map((port) => [port.target, port]));
  return [...first.values()].sort((a, b) => a.target - b.target);
}

const PROTOCOLS: ReadonlySet<string> = new Set<Protocol>([
  ...(['http', 'http2', 'grpc', 'grpc-web', 'http-proxy', 'https', 'tls', 'tcp', 'mongo', 'redis', 'mysql', 'udp'] as const),
]);

/** A protocol as a Sidecar spells it, any case; unknown ones are detected (spec/istio.md 1.1). */
function protocolOf(text: string | undefined): Protocol {
  const name = (text ?? '').toLowerCase().replace('_', '-');
  return PROTOCOLS.has(name) ? (name as Protocol) : 'auto';
}
