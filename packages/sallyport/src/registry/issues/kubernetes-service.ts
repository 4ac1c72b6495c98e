import type { ConfigObject, Issue, KubernetesServiceSpec } from '../../model/index.ts';
import { finding } from './finding.ts';

/** Settings of a Kubernetes Service that are not acted on. */
export function kubernetesServiceFindings(object: ConfigObject<KubernetesServiceSpec>): readonly Issue[] {
  if (object.spec.internalTrafficPolicy !== 'Local') return [];
  const message = 'internalTrafficPolicy: Local is not acted on: endpoints on all nodes are used';
  return [
    finding(object, 'UNSUPPORTED', 'warning', ['spec', 'internalTrafficPolicy'], message, 'trafficDistribution: PreferClose'),
  ];
}
