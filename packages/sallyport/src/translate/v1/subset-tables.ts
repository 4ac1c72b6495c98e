import { type Collection, type Graph, structural } from '../../collection/index.ts';
import type { TrafficPolicyV1Spec } from '../../model/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import { subsetRuleOf, subsettedServices } from './subset-rule.ts';

/** DestinationRules of the Kubernetes Services to whose subsets TrafficPolicies shift traffic, one a Service. */
export function buildSubsetRules(graph: Graph, inputs: TranslateInputs): Collection<Translation> {
  const policies = inputs.gloo<TrafficPolicyV1Spec>('TrafficPolicy');
  const byService = graph.index('translate.v1.shifts-by-service', policies, subsettedServices);
  const services = graph.distinct('translate.v1.shifted-services', policies, (policy) =>
    subsettedServices(policy).map((service) => [service, service]),
  );
  return graph.derive<string, Translation>(
    'translate.v1.subset-rules',
    services,
    (service, id, read) => {
      const settings = read.get(inputs.settings, 'settings');
      if (settings === undefined) return [];
      const rule = subsetRuleOf(
        service,
        [...read.lookup(byService, service)].map((key) => read.get(policies, key)!),
        settings,
      );
      return rule === undefined ? [] : [[id, { objects: [rule], issues: [] }]];
    },
    structural,
  );
}
