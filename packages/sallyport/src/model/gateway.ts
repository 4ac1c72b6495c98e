import type { ObjectKey } from './object.ts';
import type { ProxyClassId } from './proxy.ts';
import { isHttp, type Protocol } from './service.ts';
import type { ServerTlsSettings } from './spec/index.ts';

/** A host that a server is for, and the one namespace whose VirtualServices may speak of it, absent for all. */
export interface GatewayHost {
  readonly namespace?: string;
  /** Lower case; may be a wildcard. */
  readonly host: string;
}

/** A server of a Gateway (spec/istio.md 4.12). */
export interface GatewayServer {
  /** Its place in `spec.servers`. */
  readonly index: number;
  readonly port: { readonly number: number; readonly name: string; readonly protocol: Protocol };
  /** Address or unix socket; empty for the wildcard address. */
  readonly bind: string;
  readonly hosts: readonly GatewayHost[];
  readonly tls?: ServerTlsSettings;
}

/** A Gateway with the names in it resolved. Row key: its object id. */
export interface GatewayServers {
  readonly key: ObjectKey;
  readonly createdAt: number;
  /** Empty: every router. */
  readonly selector: Readonly<Record<string, string>>;
  /** Hosts of the only Services whose routers it is for, instead of the selector (`internal.istio.io/gateway-service`). */
  readonly services?: readonly string[];
  readonly servers: readonly GatewayServer[];
}

/** A server as one class of routers opens it. */
export interface OpenServer extends GatewayServer {
  readonly gateway: ObjectKey;
  /** Name of its route configuration; empty where connections are not HTTP to the proxy. */
  readonly routes: string;
}

/** What a class of routers listens for at one address and port: servers that go together, whether they speak TLS or not. Row key: `openPortKey`. */
export interface OpenPort {
  readonly class: ProxyClassId;
  /** The port that is bound, which a Service may have translated from the servers' own. */
  readonly port: number;
  readonly bind: string;
  /** Oldest Gateway first. At least one. */
  readonly servers: readonly OpenServer[];
}

/** A VirtualService that a class of routers sees at a Gateway. Row key: `boundKey`. */
export interface BoundRouting {
  readonly class: ProxyClassId;
  /** `namespace/name`. */
  readonly gateway: string;
  readonly routing: string;
  /** As in `ImportedRouting`. */
  readonly rank: 0 | 1 | 2;
}

export const openPortKey = (p: { class: string; port: number; bind: string }): string => `${p.class}\n${p.port}\n${p.bind}`;
export const boundKey = (b: { class: string; gateway: string; routing: string }): string =>
  `${b.class}\n${b.gateway}\n${b.routing}`;
/** How VirtualServices name a Gateway. */
export const gatewayText = (key: Pick<ObjectKey, 'namespace' | 'name'>): string => `${key.namespace}/${key.name}`;
/** Whether a server takes plain HTTP, or redirects it. */
export const speaksHttp = ({ port }: Pick<GatewayServer, 'port'>): boolean => isHttp(port.protocol);
/** Whether TLS goes through to the destination unopened. */
export const passesThrough = ({ mode = 'PASSTHROUGH' }: ServerTlsSettings): boolean =>
  mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH';
/** Whether connections go on to the cluster that callers inside the mesh name in TLS (SNI-DNAT), without any route. */
export const isSniDnat = ({ tls }: Pick<GatewayServer, 'tls'>): boolean => tls?.mode === 'AUTO_PASSTHROUGH';
