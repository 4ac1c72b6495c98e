import type { JsonObject } from '@bufbuild/protobuf';
import type { Rule, Service } from '../model/index.ts';
import type { ClusterSpec } from './cluster-plan.ts';
import type { EffectivePolicy } from './cluster-policy.ts';
import { CONFIG_KINDS, configPath } from './names.ts';

/** Metadata `istio` of a cluster: for telemetry, and for people who wonder where a cluster comes from (spec/istio.md 10.4). */
export function clusterMetadata(spec: ClusterSpec, service: Service, rule: Rule | undefined, policy: EffectivePolicy) {
  const dynamic = spec.policy.discovery === 'dynamic-dns';
  const { host, name, namespace, location } = service;
  const mode = policy.tls?.mode;
  const istio: JsonObject = {
    ...((mode === 'SIMPLE' || mode === 'MUTUAL') && { alpn_override: 'false' }),
    ...(rule !== undefined && { config: rulePath(rule) }),
    ...((location === 'external' || dynamic) && spec.subset === '' && { external: true }),
    // Calls to a name known only at run time are not counted for a service.
    ...(!dynamic && { services: [{ host, name, namespace }] }),
    ...(spec.subset !== '' && { subset: spec.subset }),
  };
  return { filterMetadata: { istio } };
}

export function rulePath({ apiVersion, namespace, from }: Rule): string {
  return configPath(apiVersion, namespace, CONFIG_KINDS.DestinationRule, from[0]?.name ?? '');
}
