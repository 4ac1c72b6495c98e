import type { Port, Service, ServiceKey } from '../model/index.ts';
import { sameVisibility } from './visibility.ts';

/** The one service that a host name means, with the services whose ports are in it. */
export interface MergedHost {
  readonly namespace: string;
  readonly services: readonly ServiceKey[];
  readonly ports: readonly Port[];
}

/** A service, or what a listener's port or a VirtualService's destinations left of its ports. */
export interface Offer {
  readonly service: Service;
  readonly ports: readonly Port[];
}

/**
 * Folds the services of one host into the one of the scope list (spec/istio.md 2.3). The first wins; a Kubernetes service
 * replaces another and never merges with it; ports come together only if the services agree on everything else.
 */
export function mergeOffers(offers: Iterable<Offer>): MergedHost | undefined {
  let lead: Service | undefined;
  let services: ServiceKey[] = [];
  let ports: readonly Port[] = [];
  for (const offer of offers) {
    const { service } = offer;
    if (lead === undefined || (lead.registry !== 'kubernetes' && service.registry === 'kubernetes')) {
      lead = service;
      services = [service.key];
      ports = offer.ports;
      continue;
    }
    if (!mergeable(lead, service)) continue;
    const more = offer.ports.filter(({ number }) => ports.every((port) => port.number !== number));
    if (more.length === 0) continue;
    ports = [...ports, ...more];
    if (!services.includes(service.key)) services.push(service.key);
  }
  return lead && { namespace: lead.namespace, services, ports };
}

function mergeable(a: Service, b: Service): boolean {
  return (
    a.key === b.key ||
    (a.namespace === b.namespace &&
      a.registry === b.registry &&
      a.resolution === b.resolution &&
      sameLabels(a.labels, b.labels) &&
      sameLabels(a.selector, b.selector) &&
      sameVisibility(a.exportTo, b.exportTo))
  );
}

function sameLabels(a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>> = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
