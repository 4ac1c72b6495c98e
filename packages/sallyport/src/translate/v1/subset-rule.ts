import {
  byAge,
  type ConfigObject,
  type DestinationRuleSpec,
  type Subset,
  type TrafficPolicyV1Spec,
  type Translated,
} from '../../model/index.ts';
import { type Marked, madeFrom, took } from '../sourced.ts';
import type { TranslateSettings } from '../types.ts';
import { subsetName } from './route-fields.ts';

type Policy = ConfigObject<TrafficPolicyV1Spec>;

/** `namespace/name` of the Kubernetes Services whose subsets a policy shifts traffic to. */
export function subsettedServices({ spec }: Policy): readonly string[] {
  return shifted(spec)
    .filter(({ kubeService }) => Object.keys(kubeService?.subset ?? {}).length > 0)
    .map(({ kubeService }) => `${kubeService?.namespace}/${kubeService?.name}`);
}

/** The subsets of one Service that policies shift traffic to, as Gloo declares them on the Service's DestinationRule (spec/gloo.md 1.8). */
export function subsetRuleOf(
  service: string,
  policies: readonly Policy[],
  { clusterDomain }: TranslateSettings,
): Translated | undefined {
  const [namespace = '', name = ''] = service.split('/');
  const subsets = new Map<string, Marked<Subset>>();
  const [first, ...others] = [...policies].sort(byAge);
  if (first === undefined) return undefined;
  for (const policy of [first, ...others])
    for (const [i, { kubeService: kube }] of shifted(policy.spec).entries()) {
      if (kube?.namespace !== namespace || kube.name !== name || Object.keys(kube.subset ?? {}).length === 0) continue;
      const at = ['spec', 'policy', 'trafficShift', 'destinations', i, 'kubeService', 'subset'];
      const labels = kube.subset ?? {};
      const subset = subsetName(labels);
      if (!subsets.has(subset)) subsets.set(subset, took<Subset>(policy, at, { name: subset, labels }));
    }
  const sorted = [...subsets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subset]) => subset);
  const spec = { host: `${name}.${namespace}.svc.${clusterDomain}`, subsets: sorted };
  return madeFrom<DestinationRuleSpec>(first, { kind: 'DestinationRule', name, namespace, spec });
}

function shifted({ policy }: TrafficPolicyV1Spec) {
  return policy?.trafficShift?.destinations ?? [];
}
