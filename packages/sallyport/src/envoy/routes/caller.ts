import {
  type ClassScope,
  isHttp,
  type MeshConfig,
  type OutboundTrafficPolicy,
  type ProxyClass,
  type ProxyTraits,
  type SidecarEgress,
} from '../../model/index.ts';
import { protocolOf } from '../listeners/facts.ts';
import { ALLOW_ANY_DYNAMIC_DNS, outboundCluster, PASSTHROUGH } from '../names.ts';
import { HTTP_PROXY_ROUTES } from '../route-names.ts';

/** What routes depend on of a class of proxies, and nothing else: classes that agree on it get equal routes. Row key: class id. */
export interface Caller {
  readonly class: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly dnsDomain: string;
  readonly ipFamilies: ProxyClass['facet']['ipFamilies'];
  readonly dnsCapture: boolean;
  /** By index of the egress listener. */
  readonly lanes: readonly Lane[];
  readonly catchAll: CatchAll;
  /** The listener that speaks the HTTP proxy protocol exists, even where no service is visible. */
  readonly httpProxy: boolean;
  /** And it opens tunnels. */
  readonly connect?: true;
}

/** Which route configurations the services of one egress listener stand in. */
export type Lane = { readonly bound: boolean } & (
  | { readonly serves: 'nothing' }
  /** `speaks`: what the listener takes connections for, whatever the services on the port say. */
  | { readonly serves: 'port'; readonly port: number; readonly speaks: 'http' | 'auto' | 'other' }
  /** One configuration for all ports: an HTTP_PROXY port, or a unix socket. */
  | { readonly serves: 'all'; readonly name: string }
  /** Every port that no earlier egress listener has claimed. */
  | { readonly serves: 'rest'; readonly claimed: readonly number[]; readonly httpProxy: boolean }
);

/** A route configuration that a service port stands in; `listenPort` 0 where the listener stands for all ports. */
export interface RoutePlacing {
  readonly name: string;
  readonly listenPort: number;
}

/** What answers a request for a host that no virtual host names (spec/istio.md 4.3 item 7). */
export type CatchAll =
  | { readonly name: 'block_all' }
  | { readonly name: 'allow_any' | 'allow_any_dynamic_dns'; readonly cluster: string };

/** The caller that a class is; routers are none, their routes come from Gateways. */
export function callerOf(proxies: ProxyClass, scope: ClassScope, mesh: MeshConfig): Caller | undefined {
  if (proxies.role !== 'sidecar') return undefined;
  const httpProxy = mesh.proxyHttpPort > 0 || proxies.traits.httpProxyPort > 0;
  const { connect = false, interception, httpProxyPort } = proxies.traits;
  return {
    class: proxies.id,
    namespace: proxies.namespace,
    labels: proxies.labels,
    dnsDomain: proxies.dnsDomain,
    ipFamilies: proxies.facet.ipFamilies,
    dnsCapture: proxies.traits.dnsCapture,
    lanes: lanesOf(scope.egress, proxies.traits, httpProxy),
    catchAll: catchAllOf(scope.outboundPolicy),
    httpProxy,
    ...(connect && interception === 'NONE' && httpProxyPort > 0 && { connect }),
  };
}

/** A port belongs to the first egress listener that has it, else to the first one without a port (spec/istio.md 4.3). */
export function lanesOf(
  egress: readonly SidecarEgress[],
  traits: Pick<ProxyTraits, 'interception'>,
  httpProxy: boolean,
): readonly Lane[] {
  const claimed: number[] = [];
  let open = true;
  return egress.map((listener): Lane => {
    const bound = traits.interception === 'NONE' || listener.captureMode === 'NONE' || (listener.bind ?? '') !== '';
    if (!open) return { bound, serves: 'nothing' };
    if (listener.port === undefined) {
      open = false;
      return { bound, serves: 'rest', claimed: [...claimed], httpProxy };
    }
    const port = listener.port.number ?? 0;
    if (port === 0) return { bound, serves: 'all', name: listener.bind ?? '' };
    if (claimed.includes(port)) return { bound, serves: 'nothing' };
    claimed.push(port);
    const protocol = protocolOf(listener.port.protocol);
    if (protocol === 'http-proxy') return { bound, serves: 'all', name: String(port) };
    return { bound, serves: 'port', port, speaks: protocol === 'auto' ? 'auto' : isHttp(protocol) ? 'http' : 'other' };
  });
}

/** The route configurations that a port of a service visible on this egress listener stands in. */
export function placingsOf(lane: Lane, port: number): readonly RoutePlacing[] {
  switch (lane.serves) {
    case 'nothing':
      return [];
    case 'port':
      return lane.port === port ? [{ name: String(port), listenPort: port }] : [];
    case 'all':
      return [{ name: lane.name, listenPort: 0 }];
    case 'rest': {
      const proxied = lane.httpProxy ? [{ name: HTTP_PROXY_ROUTES, listenPort: 0 }] : [];
      return lane.claimed.includes(port) ? proxied : [{ name: String(port), listenPort: port }, ...proxied];
    }
  }
}

function catchAllOf(policy: OutboundTrafficPolicy): CatchAll {
  if (policy.mode === 'ALLOW_ANY_DYNAMIC_DNS') return { name: 'allow_any_dynamic_dns', cluster: ALLOW_ANY_DYNAMIC_DNS };
  if (policy.mode !== 'ALLOW_ANY') return { name: 'block_all' };
  const proxy = policy.egressProxy;
  if (proxy?.host === undefined) return { name: 'allow_any', cluster: PASSTHROUGH };
  return { name: 'allow_any', cluster: outboundCluster(proxy.host.toLowerCase(), proxy.port?.number ?? 0, proxy.subset) };
}
