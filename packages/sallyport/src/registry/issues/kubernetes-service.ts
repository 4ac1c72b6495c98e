import type { ConfigObject, Issue, KubernetesServiceSpec } from '../../model/index.ts';
import { finding } from './finding.ts';

const NETWORK = 'topology.istio.io/network';

/** What a Kubernetes Service asks for and does not get: to be the gateway of a network (spec/istio.md 4.10, Multi-network). */
export function kubernetesServiceFindings(object: ConfigObject<KubernetesServiceSpec>): readonly Issue[] {
  const network = object.labels[NETWORK] ?? '';
  if (network === '') return [];
  const message = `the gateway of network ${network} is not acted on: endpoints of every network are called directly`;
  const hint = 'let the networks reach each other, or name the gateway as a ServiceEntry endpoint';
  return [finding(object, 'UNSUPPORTED', 'warning', ['metadata', 'labels', NETWORK], message, hint)];
}
