import type { JsonObject } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { type Node, NodeSchema } from '@sallyport/apis/core';

/** Who a proxy says it is. Defaults as istio-agent's: what is not given is not sent. */
export interface NodeIdentity {
  readonly role?: 'sidecar' | 'router';
  readonly name: string;
  readonly namespace: string;
  /** The workload's addresses; the first one goes into the node id. */
  readonly ips: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  /** `region/zone/subzone`, as much of it as is known. */
  readonly locality?: string;
  /** Defaults to `NAMESPACE.svc.cluster.local`. */
  readonly dnsDomain?: string;
  /** Metadata CLUSTER_ID, the name of the place the workload runs in. */
  readonly clusterId?: string;
  /** Further Istio node metadata; wins over what the other fields say. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What the agent adds: how traffic reaches this proxy. */
export interface Interception {
  readonly mode: 'REDIRECT' | 'NONE';
  readonly dnsCapture: boolean;
  /** Port of the forward-proxy listener, metadata HTTP_PROXY_PORT. */
  readonly httpProxyPort?: number;
  /** Envoy may not listen on ports below 1024, metadata UNPRIVILEGED_POD: the control plane leaves such listeners out. */
  readonly unprivileged: boolean;
  readonly statusPort: number;
  readonly metricsPort: number;
  /** The agent hands out a certificate for this workload; otherwise metadata SALLYPORT_NO_IDENTITY. Default: no. */
  readonly hasCertificate?: boolean;
}

/** The xDS node in Istio's form, `sidecar~IP~NAME.NAMESPACE~DOMAIN` (design.md section 3). */
export function nodeOf(identity: NodeIdentity, interception: Interception): Node {
  const domain = identity.dnsDomain ?? `${identity.namespace}.svc.cluster.local`;
  const [region = '', zone = '', subZone = ''] = (identity.locality ?? '').split('/');
  const app = identity.labels?.['app'] ?? identity.labels?.['app.kubernetes.io/name'] ?? identity.name;
  const id = [identity.role ?? 'sidecar', identity.ips[0] ?? '127.0.0.1', `${identity.name}.${identity.namespace}`, domain];
  return create(NodeSchema, {
    id: id.join('~'),
    cluster: `${app}.${identity.namespace}`,
    ...(region === '' ? {} : { locality: { region, zone, subZone } }),
    metadata: metadataOf(identity, interception),
  });
}

function metadataOf(identity: NodeIdentity, interception: Interception): JsonObject {
  const told: Record<string, unknown> = {
    NAME: identity.name,
    NAMESPACE: identity.namespace,
    LABELS: { ...identity.labels },
    INSTANCE_IPS: identity.ips.join(','),
    INTERCEPTION_MODE: interception.mode,
    ENVOY_STATUS_PORT: interception.statusPort,
    ENVOY_PROMETHEUS_PORT: interception.metricsPort,
    ...(identity.clusterId === undefined ? {} : { CLUSTER_ID: identity.clusterId }),
    ...(identity.serviceAccount === undefined ? {} : { SERVICE_ACCOUNT: identity.serviceAccount }),
    ...(interception.unprivileged ? { UNPRIVILEGED_POD: 'true' } : {}),
    // Clusters would otherwise name a resolver of their own: the servers of /etc/resolv.conf, which a namespace cannot reach.
    SALLYPORT_RESOLVER: 'true',
    // Listeners and clusters that wait for a certificate would never be ready.
    ...(interception.hasCertificate === true ? {} : { SALLYPORT_NO_IDENTITY: 'true' }),
    // What answers for names beside this proxy keeps them by row (names/rows.ts).
    ...(interception.dnsCapture ? { DNS_CAPTURE: 'true', SALLYPORT_NAME_ROWS: 'true' } : {}),
    ...(interception.httpProxyPort === undefined
      ? {}
      : { HTTP_PROXY_PORT: String(interception.httpProxyPort), SALLYPORT_CONNECT: 'true' }),
    ...identity.metadata,
  };
  // A round trip, so that what no JSON can carry (undefined, functions) fails or goes here and not inside a gRPC stream.
  return JSON.parse(JSON.stringify(told)) as JsonObject;
}
