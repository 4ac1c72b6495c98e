import { create } from '@bufbuild/protobuf';
import {
  type Cluster,
  type Cluster_CommonLbConfig,
  Cluster_CommonLbConfigSchema,
  Cluster_LbPolicy,
  Cluster_LeastRequestLbConfigSchema,
  Cluster_MaglevLbConfigSchema,
  Cluster_RingHashLbConfigSchema,
  Cluster_RoundRobinLbConfigSchema,
  type Cluster_SlowStartConfig,
  Cluster_SlowStartConfigSchema,
} from '@sallyport/apis/cluster';
import { type ConsistentHash, LARGEST_RING, type LoadBalancer, type OutlierDetection, type Service } from '../model/index.ts';
import { durationOf, type Fields } from './encode.ts';
import { type LocalityPlan, weighsLocalities } from './locality.ts';

/** The part of a cluster that says how an endpoint is picked. */
export type Balancing = Partial<Pick<Cluster, 'lbPolicy' | 'lbConfig'>>;

/** Envoy's own default size of a hash ring, spelled out as Istio does. */
const RING_SIZE = 1024;

/** Least request unless the rule wishes otherwise (spec/istio.md 4.6). Not for clusters that pick by original destination. */
export function balancing(wanted: LoadBalancer | undefined): Balancing {
  if (wanted?.consistentHash !== undefined) return hashing(wanted.consistentHash);
  const slowStartConfig = slowStart(wanted);
  switch (wanted?.simple) {
    case 'RANDOM':
      return { lbPolicy: Cluster_LbPolicy.RANDOM };
    case 'ROUND_ROBIN':
      return {
        lbPolicy: Cluster_LbPolicy.ROUND_ROBIN,
        ...(slowStartConfig && {
          lbConfig: { case: 'roundRobinLbConfig', value: create(Cluster_RoundRobinLbConfigSchema, { slowStartConfig }) },
        }),
      };
    default:
      return {
        lbPolicy: Cluster_LbPolicy.LEAST_REQUEST,
        ...(slowStartConfig && {
          lbConfig: { case: 'leastRequestLbConfig', value: create(Cluster_LeastRequestLbConfigSchema, { slowStartConfig }) },
        }),
      };
  }
}

/** The hash itself is taken on routes and TCP proxies; here only which ring it falls on. */
function hashing(wanted: ConsistentHash): Balancing {
  if (wanted.maglev !== undefined) {
    const { tableSize } = wanted.maglev;
    const value = create(Cluster_MaglevLbConfigSchema, { tableSize: tableSize ? BigInt(tableSize) : undefined });
    return { lbPolicy: Cluster_LbPolicy.MAGLEV, ...(tableSize && { lbConfig: { case: 'maglevLbConfig', value } }) };
  }
  const asked = wanted.ringHash?.minimumRingSize || wanted.minimumRingSize || RING_SIZE;
  // The largest one takes Envoy's main thread for seconds, and nobody who writes a larger number means that.
  const size = asked > LARGEST_RING ? RING_SIZE : asked;
  const value = create(Cluster_RingHashLbConfigSchema, { minimumRingSize: BigInt(size) });
  return { lbPolicy: Cluster_LbPolicy.RING_HASH, lbConfig: { case: 'ringHashLbConfig', value } };
}

function slowStart(wanted: LoadBalancer | undefined): Cluster_SlowStartConfig | undefined {
  const slowStartWindow = durationOf(wanted?.warmup?.duration ?? wanted?.warmupDurationSecs);
  if (slowStartWindow === undefined) return undefined;
  const { aggression = 1, minimumPercent = 10 } = wanted?.warmup ?? {};
  return create(Cluster_SlowStartConfigSchema, {
    slowStartWindow,
    // Envoy refuses a run-time value without a key; nothing sets this one.
    aggression: { defaultValue: aggression, runtimeKey: 'sallyport.slow_start.aggression' },
    minWeightPercent: { value: Math.max(minimumPercent, 0) },
  });
}

/**
 * Panic mode is off unless the rule names a least share of healthy endpoints: endpoints known to be unready are sent too, and
 * would be called in a panic. A service that prefers near endpoints leaves them by their readiness, and never panics.
 */
export function commonBalancing(
  outlier: OutlierDetection | undefined,
  plan: LocalityPlan | undefined,
  { trafficDistribution }: Pick<Service, 'trafficDistribution'>,
): Cluster_CommonLbConfig {
  return create(Cluster_CommonLbConfigSchema, {
    healthyPanicThreshold: { value: trafficDistribution === undefined ? (outlier?.minHealthPercent ?? 0) : 0 },
    ...localities(plan),
  });
}

function localities(plan: LocalityPlan | undefined): Fields<typeof Cluster_CommonLbConfigSchema> {
  if (plan?.zones !== undefined) {
    const { balanced, minClusterSize } = plan.zones;
    const value = {
      ...(!balanced && { routingEnabled: { value: 0 } }),
      ...(minClusterSize !== undefined && { minClusterSize: BigInt(minClusterSize) }),
    };
    return { localityConfigSpecifier: { case: 'zoneAwareLbConfig', value } };
  }
  return weighsLocalities(plan) ? { localityConfigSpecifier: { case: 'localityWeightedLbConfig', value: {} } } : {};
}
