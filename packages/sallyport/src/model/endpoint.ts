import type { ObjectKey } from './object.ts';

export type Address =
  | { readonly kind: 'ip'; readonly value: string }
  | { readonly kind: 'dns'; readonly value: string }
  | { readonly kind: 'unix'; readonly value: string }
  /** No address, only a network: reached through that network's gateway. */
  | { readonly kind: 'none'; readonly value: '' };

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

/** What telemetry calls a workload; becomes endpoint metadata `istio.workload` (spec/istio.md 10.4). */
export interface WorkloadIdentity {
  readonly workload: string;
  readonly namespace: string;
  readonly canonicalName: string;
  readonly canonicalRevision: string;
  readonly cluster: string;
}

/** One address and port behind a service. */
export interface Endpoint {
  readonly address: Address;
  /** Port to connect to; 0 for unix sockets. */
  readonly port: number;
  /** The service port this endpoint serves: EDS selects by name, DNS clusters by number (spec/istio.md 1.4). */
  readonly servicePort: { readonly name: string; readonly number: number };
  readonly labels: Readonly<Record<string, string>>;
  readonly locality: Locality;
  readonly network: string;
  /** At least 1. */
  readonly weight: number;
  /** SPIFFE id, or empty. */
  readonly identity: string;
  readonly tlsMode: 'istio' | 'disabled' | string;
  readonly health: 'unknown' | 'healthy' | 'unhealthy' | 'terminating' | 'draining';
  readonly workload: WorkloadIdentity;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly node?: string;
  /** WorkloadEntry endpoints never appear in name tables, Pods and Kubernetes endpoints do (spec/istio.md 9). */
  readonly origin: 'inline' | 'synthetic' | 'workload-entry' | 'pod' | 'slice';
  readonly from: ObjectKey;
}

/** All endpoints of one namespace and host, in the order Istio pools them; doubles are real. Row key: `poolKey`. */
export interface EndpointPool {
  readonly namespace: string;
  readonly host: string;
  readonly endpoints: readonly Endpoint[];
}
