/** Istio's names for what Envoy is sent (spec/istio.md 4.1), so that people and tools recognise them. */

export const BLACK_HOLE = 'BlackHoleCluster';
export const PASSTHROUGH = 'PassthroughCluster';
export const INBOUND_PASSTHROUGH = 'InboundPassthroughCluster';
export const ALLOW_ANY_DYNAMIC_DNS = 'AllowAnyDynamicDNSCluster';
export const VIRTUAL_OUTBOUND = 'virtualOutbound';
export const VIRTUAL_INBOUND = 'virtualInbound';
export const PASSTHROUGH_CHAIN = 'PassthroughFilterChain';

export const outboundCluster = (host: string, port: number, subset = ''): string => `outbound|${port}|${subset}|${host}`;
export const inboundCluster = (targetPort: number): string => `inbound|${targetPort}||`;
/** Default SNI of mesh TLS, which names the cluster on the other side. */
export const dnatSni = (host: string, port: number, subset = ''): string => `outbound_.${port}_.${subset}_.${host}`;
export const outboundListener = (bind: string, port: number): string => (port === 0 ? bind : `${bind}_${port}`);
/** Statistics prefixes end in the delimiter that keeps Envoy from cutting names at dots. */
export const statName = (name: string): string => `${name};`;
export const virtualHostName = (host: string, port: number): string => `${host}:${port}`;
export const dnsCacheName = (host: string): string => `${host}_dfp_dns_cache`;
/** How tools find the object behind a resource: `istio.config` metadata. */
export const configPath = (apiVersion: string, namespace: string, kebabKind: string, name: string): string =>
  `/apis/${apiVersion}/namespaces/${namespace}/${kebabKind}/${name}`;

export const CONFIG_KINDS = {
  VirtualService: 'virtual-service',
  DestinationRule: 'destination-rule',
  Sidecar: 'sidecar',
  Gateway: 'gateway',
} as const;
