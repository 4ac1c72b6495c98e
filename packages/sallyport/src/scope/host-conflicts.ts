import type { Issue, Service } from '../model/index.ts';
import { meet } from './visibility.ts';

/**
 * Hosts that several namespaces declare and that somebody can see from more than one: each later declaration is told which
 * one the others see (spec/istio.md 2.3, step 5). Takes the services of one host, oldest first. Keyed by service.
 */
export function* hostConflicts(services: readonly Service[]): Generator<readonly [string, Issue]> {
  if (services.length < 2) return;
  const kubernetes = services.filter(({ registry }) => registry === 'kubernetes');
  const ordered = [...kubernetes, ...services.filter((service) => !kubernetes.includes(service))];
  for (const [index, service] of ordered.entries()) {
    const stronger = ordered
      .slice(0, index)
      .find((other) => other.namespace !== service.namespace && meet(other.exportTo, service.exportTo));
    if (stronger === undefined) continue;
    const { kind, namespace, name } = stronger.from;
    const why = stronger.registry !== service.registry ? 'a Kubernetes Service comes first' : 'it is the older one';
    const message =
      `host ${service.host} is also declared by ${kind} ${namespace}/${name}: namespace ${service.namespace} sees this one, ` +
      `the others see that of ${namespace}, because ${why}`;
    const hint = 'declare a host once and export it, or keep this one to its namespace with exportTo: ["."]';
    yield [service.key, { code: 'HOST_CONFLICT', severity: 'warning', message, hint, object: service.from }];
  }
}
