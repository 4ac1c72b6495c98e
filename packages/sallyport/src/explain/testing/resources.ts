import type { JsonValue } from '@bufbuild/protobuf';
import { type Call, callOf } from '../call.ts';
import { indexResources, type ResourceIndex } from '../resource-index.ts';
import { resourcesFromJson } from '../resources.ts';

type JsonObject = { readonly [key: string]: JsonValue };
type Lists = Partial<Record<'listeners' | 'clusters' | 'routes' | 'endpoints', readonly JsonValue[]>>;

/** An index over resources written as proto3 JSON; a list that is left out is empty. */
export function indexOf({ listeners = [], clusters = [], routes = [], endpoints = [] }: Lists): ResourceIndex {
  return indexResources(resourcesFromJson({ listeners, clusters, routes, endpoints }));
}

/** A call of which only what matters is written; port 80 if nothing else is said. */
export function call(given: Readonly<Record<string, unknown>> = {}): Call {
  const { value, issues } = callOf({ port: 80, ...given });
  if (value === undefined) throw new Error(JSON.stringify(issues));
  return value;
}

const typed = (type: string, fields: JsonObject): JsonObject => ({ '@type': `type.googleapis.com/${type}`, ...fields });

/** A listener named after its bind, `address:port`. */
export function listener(bind: string, fields: JsonObject = {}): JsonObject {
  return { name: bind, address: socketAddress(bind), ...fields };
}

export function socketAddress(bind: string): JsonObject {
  const at = bind.lastIndexOf(':');
  return { socketAddress: { address: bind.slice(0, at), portValue: Number(bind.slice(at + 1)) } };
}

/** A chain with a TCP proxy to a cluster of the chain's name. */
export function tcpChain(name: string, filterChainMatch?: JsonObject, fields: JsonObject = {}): JsonObject {
  const typedConfig = typed('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', { cluster: name, statPrefix: name });
  const filters = [{ name: 'envoy.filters.network.tcp_proxy', typedConfig }];
  return { name, filters, ...(filterChainMatch !== undefined && { filterChainMatch }), ...fields };
}

/** A chain with an HTTP connection manager. */
export function httpChain(name: string, manager: JsonObject, fields: JsonObject = {}): JsonObject {
  const typedConfig = typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', manager);
  return { name, filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig }], ...fields };
}

export const TLS_INSPECTOR: JsonObject = {
  name: 'envoy.filters.listener.tls_inspector',
  typedConfig: typed('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector', {}),
};

export const HTTP_INSPECTOR: JsonObject = {
  name: 'envoy.filters.listener.http_inspector',
  typedConfig: typed('envoy.extensions.filters.listener.http_inspector.v3.HttpInspector', {}),
};

export function downstreamTls(certificate: string, requireClientCertificate: boolean): JsonObject {
  const commonTlsContext = { tlsCertificateSdsSecretConfigs: [{ name: certificate }] };
  return {
    name: 'envoy.transport_sockets.tls',
    typedConfig: typed('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
      commonTlsContext,
      requireClientCertificate,
    }),
  };
}

export function upstreamTls(fields: JsonObject): JsonObject {
  return {
    name: 'envoy.transport_sockets.tls',
    typedConfig: typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', fields),
  };
}

export { typed };
