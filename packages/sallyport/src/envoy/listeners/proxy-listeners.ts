import { BLACK_HOLE, outboundListener, VIRTUAL_OUTBOUND } from '../names.ts';
import { HTTP_PROXY_ROUTES } from '../route-names.ts';
import { type ClassFacts, furtherBinds, idleOf, loopbackOf, otherFamily, wildcardFor } from './facts.ts';
import { type ChainRef, type ListenerPlan, planned } from './plan.ts';

/**
 * The listener that captured connections arrive at, and at which those stay that no other listener claims
 * (spec/istio.md 4.2, 10.3). None where nothing is captured.
 */
export function captureListener(facts: ClassFacts): ListenerPlan | undefined {
  const { client, traffic, capture, capturePort } = facts;
  if (capture === 'none') return undefined;
  const bind = wildcardFor(client);
  const to = (cluster: string, suffix: string) => ({
    name: `${VIRTUAL_OUTBOUND}-${suffix}`,
    tcp: { statPrefix: cluster, target: cluster, logging: client.logging, listener: VIRTUAL_OUTBOUND },
  });
  const unclaimed = to(traffic.cluster, 'catchall-tcp');
  const catchAll = { ...unclaimed, tcp: { ...unclaimed.tcp, ...idleOf(client) } };
  const chains: ChainRef[] = [
    // A call to the capture port itself would come back to it without end (spec/envoy.md 1.3).
    { kind: 'tcp', spec: to(BLACK_HOLE, 'blackhole'), destinationPort: capturePort },
    ...(traffic.resolvesHttp ? [unknownHosts(facts)] : []),
    { kind: 'tcp', spec: catchAll },
  ];
  const head = {
    bind,
    furtherBinds: furtherBinds(bind, client),
    port: capturePort,
    kind: capture === 'tproxy' ? ('transparent-capture' as const) : ('capture' as const),
    tlsInspector: false,
    httpInspector: traffic.resolvesHttp,
    logging: client.logging,
  };
  return planned(VIRTUAL_OUTBOUND, head, chains, undefined);
}

/** The place of the HTTP proxy listener; undefined where the mesh and the proxy ask for none. */
export function httpProxyPlace({
  httpProxyPort,
  client,
}: ClassFacts): { readonly bind: string; readonly port: number } | undefined {
  return httpProxyPort === 0 ? undefined : { bind: loopbackOf(client.families), port: httpProxyPort };
}

/** The listener that speaks the HTTP proxy protocol (mesh `proxyHttpPort`, metadata HTTP_PROXY_PORT), for all services at once. */
export function httpProxyListener(facts: ClassFacts, dynamicHosts: readonly string[]): ListenerPlan | undefined {
  const place = httpProxyPlace(facts);
  if (place === undefined) return undefined;
  const { bind, port } = place;
  const name = outboundListener(bind, port);
  const spec = {
    listener: name,
    routes: { name: HTTP_PROXY_ROUTES },
    takes: 'everything' as const,
    grpcWeb: false,
    dynamicHosts,
    absoluteUrl: true,
    facts: facts.http,
  };
  const head = {
    bind,
    furtherBinds: otherFamily(bind, facts.client),
    port,
    kind: 'bound' as const,
    tlsInspector: false,
    httpInspector: false,
    filtersTimeout: '0s',
    logging: facts.client.logging,
  };
  return planned(name, head, [{ kind: 'http', spec }], undefined);
}

function unknownHosts({ http }: ClassFacts): ChainRef {
  const spec = {
    listener: VIRTUAL_OUTBOUND,
    routes: 'unknown-hosts' as const,
    takes: 'inspected' as const,
    grpcWeb: false,
    dynamicHosts: [],
    absoluteUrl: false,
    facts: http,
  };
  return { kind: 'http', spec };
}
