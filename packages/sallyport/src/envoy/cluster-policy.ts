import type { ClientTls, MeshConfig, PolicyBlocks, Rule, TrafficPolicy } from '../model/index.ts';

/** What a DestinationRule says about one port of one subset of its host, and the mesh where the rule is silent. */
export type EffectivePolicy = Omit<TrafficPolicy, 'portLevelSettings'>;

const BLOCKS = ['connectionPool', 'outlierDetection', 'loadBalancer', 'tls'] as const;

/**
 * The policy for a port of a service, or of the named subset (empty: none). The mesh's defaults stand below what the destination says of the
 * port. Port settings replace, they do not merge: on the
 * destination everything, on a subset the four blocks even where they are unset (spec/istio.md 2.5).
 */
export function effectivePolicy(
  rule: Rule | undefined,
  subset: string,
  port: number,
  mesh: Pick<MeshConfig, 'defaultTrafficPolicy'>,
): EffectivePolicy {
  const destination = destinationPolicy(rule?.trafficPolicy, port, mesh);
  if (rule === undefined || subset === '') return destination;
  return subsetPolicy(destination, rule.subsets.find((s) => s.name === subset)?.trafficPolicy, port);
}

/**
 * The TLS by which endpoints are judged to end mesh TLS or not. Unlike in the cluster's own policy, port settings without TLS
 * leave that of what they are settings of.
 */
export function endpointTls(rule: Rule | undefined, subset: string, port: number): ClientTls | undefined {
  const said = ({ tls, portLevelSettings }: TrafficPolicy = {}) =>
    portLevelSettings?.find((settings) => settings.port?.number === port && settings.tls !== undefined)?.tls ?? tls;
  const own = subset === '' ? undefined : rule?.subsets.find(({ name }) => name === subset)?.trafficPolicy;
  return said(own) ?? said(rule?.trafficPolicy);
}

function destinationPolicy(
  policy: TrafficPolicy | undefined,
  port: number,
  mesh: Pick<MeshConfig, 'defaultTrafficPolicy'>,
): EffectivePolicy {
  const { portLevelSettings, ...top } = policy ?? {};
  const settings = portLevelSettings?.find((p) => p.port?.number === port);
  return { ...mesh.defaultTrafficPolicy, ...(settings === undefined ? top : blocksOf(settings)) };
}

function subsetPolicy(destination: EffectivePolicy, policy: TrafficPolicy | undefined, port: number): EffectivePolicy {
  const { portLevelSettings, ...top } = policy ?? {};
  const merged = { ...destination, ...top };
  const settings = portLevelSettings?.find((p) => p.port?.number === port);
  if (settings === undefined) return merged;
  for (const block of BLOCKS) delete merged[block];
  return { ...merged, ...blocksOf(settings) };
}

function blocksOf(settings: PolicyBlocks): PolicyBlocks {
  return Object.fromEntries(BLOCKS.flatMap((block) => (settings[block] === undefined ? [] : [[block, settings[block]]])));
}
