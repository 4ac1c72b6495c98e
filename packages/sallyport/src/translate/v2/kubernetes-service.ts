import type { ConfigObject, KubernetesServiceSpec } from '../../model/index.ts';
import type { Destination } from './destination.ts';

export type ServiceObject = ConfigObject<KubernetesServiceSpec>;

/** A Kubernetes Service as a destination: its host is the name that it has in the cluster (spec/gloo.md 2.6). */
export function serviceDestination(object: ServiceObject, owner: string, viewer: string, clusterDomain: string): Destination {
  const { name, namespace } = object.key;
  return {
    kind: 'SERVICE',
    object,
    owner,
    viewer,
    hosts: [`${name}.${namespace}.svc.${clusterDomain}`],
    ports: (object.spec.ports ?? []).map((port) => ({ number: port.port, name: port.name ?? '' })),
  };
}
