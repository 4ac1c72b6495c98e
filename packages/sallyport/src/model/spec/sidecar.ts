import type { WorkloadSelector } from './common.ts';
import type { ConnectionPool } from './destination-rule.ts';
import type { ServerTlsSettings } from './gateway.ts';

export interface SidecarPort {
  readonly number?: number;
  readonly protocol?: string;
  readonly name?: string;
  readonly targetPort?: number;
}

export type OutboundMode = 'REGISTRY_ONLY' | 'ALLOW_ANY' | 'ALLOW_ANY_DYNAMIC_DNS';

export interface OutboundTrafficPolicy {
  /** Absent means REGISTRY_ONLY, the enum's zero value (spec/istio.md 2.4). */
  readonly mode?: OutboundMode;
  readonly egressProxy?: { readonly host?: string; readonly subset?: string; readonly port?: { readonly number?: number } };
}

export interface SidecarEgress {
  readonly port?: SidecarPort;
  readonly bind?: string;
  readonly captureMode?: 'DEFAULT' | 'IPTABLES' | 'NONE';
  readonly hosts: readonly string[];
}

export interface SidecarIngress {
  readonly port?: SidecarPort;
  readonly bind?: string;
  readonly captureMode?: string;
  readonly defaultEndpoint?: string;
  readonly tls?: ServerTlsSettings;
  readonly connectionPool?: ConnectionPool;
}

/** networking.istio.io Sidecar. */
export interface SidecarSpec {
  readonly workloadSelector?: WorkloadSelector;
  readonly ingress?: readonly SidecarIngress[];
  readonly egress?: readonly SidecarEgress[];
  readonly inboundConnectionPool?: ConnectionPool;
  readonly outboundTrafficPolicy?: OutboundTrafficPolicy;
}
