import type { Service } from '../model/index.ts';
import { type EgressImports, type Imports, importsHost } from './imports.ts';
import { reaches } from './visibility.ts';

/** A service on an egress listener. */
export interface Listed {
  readonly service: Service;
  /** The only port that remains of several. */
  readonly onlyPort?: number;
  readonly rank: 0 | 1;
}

/**
 * The services of one host on one egress listener, in Istio's order (spec/istio.md 2.3). Takes all services of the host,
 * oldest first. Routers see whatever is exported to them, from several namespaces at once.
 */
export function listServices(services: readonly Service[], imports: Imports, egress: EgressImports): readonly Listed[] {
  const host = services[0]?.host ?? '';
  const listed = candidates(services, imports, egress).flatMap(({ service, rank }) => {
    if (!importsHost(egress, service.namespace, host)) return [];
    const ports = trimmed(service, egress.port);
    return ports === undefined ? [] : [{ service, rank, ...ports }];
  });
  if (imports.role === 'router') return listed;
  const winner = winningNamespace(listed, imports.namespace);
  return listed.filter(({ service }) => service.namespace === winner);
}

function candidates(
  services: readonly Service[],
  { namespace }: Imports,
  egress: EgressImports,
): readonly { readonly service: Service; readonly rank: 0 | 1 }[] {
  const visible = services.filter((service) => reaches(service.exportTo, namespace));
  // Where every import is exact, Istio looks up one service a namespace and keeps the order of age alone.
  if (egress.exactOnly) {
    const lookedUp = new Set(oldestOfEach(services).values());
    return visible.filter((service) => lookedUp.has(service)).map((service) => ({ service, rank: 0 }));
  }
  const ranked = visible.map((service) => ({ service, rank: service.exportTo.kind === 'public' ? (1 as const) : (0 as const) }));
  return ranked.toSorted((a, b) => a.rank - b.rank);
}

/** The service that a host name means in each namespace: the oldest, a Kubernetes one before others (spec/istio.md 2.1). */
export function oldestOfEach(services: readonly Service[]): ReadonlyMap<string, Service> {
  const found = new Map<string, Service>();
  for (const service of services) {
    const present = found.get(service.namespace);
    if (present === undefined || (present.registry !== 'kubernetes' && service.registry === 'kubernetes'))
      found.set(service.namespace, service);
  }
  return found;
}

/** Which ports remain, or undefined when a listener's port is none of the service's. */
function trimmed({ ports }: Service, port: number | undefined): { readonly onlyPort?: number } | undefined {
  if (port === undefined) return {};
  if (!ports.some(({ number }) => number === port)) return undefined;
  return ports.length === 1 ? {} : { onlyPort: port };
}

/** One namespace a host: the first, unless the importer's own or else a Kubernetes service takes over (spec/istio.md 2.3, step 5). */
function winningNamespace(listed: readonly Listed[], own: string): string | undefined {
  let winner: Service | undefined;
  for (const { service } of listed) {
    const takesOver =
      winner === undefined ||
      service.namespace === own ||
      (winner.namespace !== own && winner.registry !== 'kubernetes' && service.registry === 'kubernetes');
    if (takesOver) winner = service;
  }
  return winner?.namespace;
}
