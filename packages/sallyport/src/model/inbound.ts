import type { ObjectKey } from './object.ts';
import type { PeerRuling } from './peer-policy.ts';
import type { ProxyClassId } from './proxy.ts';
import type { Protocol } from './service.ts';
import type { ConnectionPool, SidecarIngress } from './spec/index.ts';

/** How the proxies of a class take calls for their workload. Row key: class id. Routers have none. */
export interface ClassInbound {
  readonly class: ProxyClassId;
  /** What holds at ports that nothing serves. */
  readonly ruling: PeerRuling;
  /** Ports that nothing serves and that a policy names all the same; by number. */
  readonly exceptions: readonly { readonly port: number; readonly ruling: PeerRuling }[];
  /** One for each port of the workload that is served; by number. */
  readonly ports: readonly ServedPort[];
}

/** A port of the workload at which its proxy takes calls knowingly (spec/istio.md 4.11, 12). */
export interface ServedPort {
  /** Where the workload listens. */
  readonly target: number;
  /** The service's own number for it; for a Sidecar's ingress the same. */
  readonly port: number;
  readonly protocol: Protocol;
  /** Whose port it is; `<sidecar>.<namespace>` for a Sidecar's ingress. */
  readonly host: string;
  readonly ruling: PeerRuling;
  /** The object that says so. */
  readonly from: ObjectKey;
  /** Whose DestinationRule holds: a service's, also where a Sidecar says what is served. */
  readonly ruledBy: string;
  /**
   * What telemetry takes calls for: the services that meet here under the number of the one that decides, which is first.
   * None where that one is outside the mesh, or no service at all.
   */
  readonly services: readonly { readonly host: string; readonly name: string; readonly namespace: string }[];
  /** Limits that a Sidecar sets for the port. */
  readonly connectionPool?: ConnectionPool;
  /** Set when a Sidecar says what is served. */
  readonly ingress?: IngressListener;
}

export interface IngressListener {
  readonly listener: SidecarIngress;
  /** Index in the Sidecar's list. */
  readonly index: number;
  readonly sidecar: ObjectKey;
  readonly apiVersion: string;
}
