import type {
  ClientTls,
  ConfigObject,
  ConnectionPool,
  OutlierDetection,
  PolicyBlocks,
  TcpKeepalive,
  TrafficPolicyV1Spec,
  VirtualMeshSpec,
} from '../../model/index.ts';
import { copied, type Marked, took } from '../sourced.ts';

const AT = ['spec', 'policy'];

export type RuleFields = {
  readonly [K in Exclude<keyof PolicyBlocks, 'connectionPool'>]?: Marked<NonNullable<PolicyBlocks[K]>>;
} & { readonly connectionPool?: PoolFields };

interface PoolFields {
  readonly tcp?: { readonly tcpKeepalive?: Marked<TcpKeepalive> };
  readonly http?: Marked<NonNullable<ConnectionPool['http']>>;
}

/** What a policy sets for all calls to a host (spec/gloo.md 1.8). */
export function ruleFieldsOf(policy: ConfigObject<TrafficPolicyV1Spec>): RuleFields {
  const { policy: { outlierDetection, mtls, connectionPoolSettings } = {} } = policy.spec;
  const mode = mtls?.istio === undefined ? undefined : (mtls.istio.tlsMode ?? 'DISABLE');
  return {
    ...(outlierDetection && {
      outlierDetection: took<OutlierDetection>(policy, [...AT, 'outlierDetection'], {
        consecutive5xxErrors: outlierDetection.consecutiveErrors || 5,
        interval: outlierDetection.interval ?? '10s',
        baseEjectionTime: outlierDetection.baseEjectionTime ?? '30s',
        maxEjectionPercent: outlierDetection.maxEjectionPercent || 100,
      }),
    }),
    ...(mode && { tls: { mode: took<ClientTls['mode']>(policy, [...AT, 'mtls', 'istio', 'tlsMode'], mode) } }),
    ...(connectionPoolSettings && { connectionPool: poolOf(policy, connectionPoolSettings) }),
  };
}

/** Each part for itself, so that a keepalive from elsewhere can be put among them. */
function poolOf(policy: ConfigObject, { tcp, http }: ConnectionPool): PoolFields {
  const at = [...AT, 'connectionPoolSettings'];
  const parts = Object.entries(tcp ?? {}).map(([name, value]) => [name, copied(policy, [...at, 'tcp', name], value)]);
  return { ...(tcp && { tcp: Object.fromEntries(parts) }), ...(http && { http: copied(policy, [...at, 'http'], http) }) };
}

/** The keepalive that a VirtualMesh asks for on all requests to external services; the oldest VirtualMesh that has one counts. */
export function keepaliveOf(virtualMeshes: readonly ConfigObject<VirtualMeshSpec>[]): Marked<TcpKeepalive> | undefined {
  const mesh = virtualMeshes.find(({ spec }) => spec.federation?.tcpKeepalive !== undefined);
  return mesh && copied(mesh, ['spec', 'federation', 'tcpKeepalive'], mesh.spec.federation?.tcpKeepalive);
}
