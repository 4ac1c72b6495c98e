import { type Collection, type Graph, type Read, structural } from '../../collection/index.ts';
import { type AccessPolicyV1Spec, byAge, type ConfigObject, type GatewaySpec } from '../../model/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import type { ExternalDestination } from './destination.ts';
import { accessAt, governs, notEnforced, readableHostsOf } from './egress-access.ts';
import { placesFor, placesOf, selectsExternal } from './select.ts';

/** AccessPolicies on external services, enforced at the egress gateways that their hosts leave through (spec/gloo.md 1.9). */
export function buildAccess(
  graph: Graph,
  inputs: TranslateInputs,
  external: Collection<ExternalDestination>,
): readonly Collection<Translation>[] {
  const gateways = inputs.written('Gateway') as Collection<ConfigObject<GatewaySpec>> | undefined;
  if (gateways === undefined) return [];
  const policies = inputs.gloo<AccessPolicyV1Spec>('AccessPolicy.networking.mesh.gloo.solo.io');
  const policiesAt = graph.index('translate.v1.access-at', policies, ({ spec }) => placesOf(spec.destinationSelector));
  const externalAt = graph.index('translate.v1.external-at', external, placesFor);
  const byHost = graph.index('translate.v1.external-by-host', external, ({ spec }) => [
    EVERY,
    ...(spec.externalService.hosts ?? []).map((host) => host.toLowerCase()),
  ]);
  const gatewaysAt = graph.index('translate.v1.gateways-at', gateways, (gateway) =>
    readableHostsOf(gateway).map((host) => (host.startsWith('*') ? EVERY : host)),
  );

  const rows = <V>(read: Read, from: Collection<V>, ids: Iterable<string>): V[] =>
    [...new Set(ids)].map((id) => read.get(from, id)!);
  const policiesOn = (read: Read, destination: ExternalDestination) =>
    rows(
      read,
      policies,
      placesFor(destination).flatMap((place) => [...read.lookup(policiesAt, place)]),
    ).filter(({ spec }) => selectsExternal(spec.destinationSelector, destination));

  const atGateways = graph.derive<ConfigObject<GatewaySpec>, Translation>(
    'translate.v1.access',
    gateways,
    (gateway, id, read) => {
      const settings = read.get(inputs.settings, 'settings');
      if (settings === undefined) return [];
      const places = readableHostsOf(gateway).map((host) => (host.startsWith('*') ? EVERY : host));
      const destinations = rows(
        read,
        external,
        places.flatMap((place) => [...read.lookup(byHost, place)]),
      ).sort(byAge);
      const applied = [...new Set(destinations.flatMap((destination) => policiesOn(read, destination)))].sort(byAge);
      const made = accessAt(gateway, destinations, applied, settings);
      return made === undefined ? [] : [[id, { objects: [made], issues: [] }]];
    },
    structural,
  );
  const open = graph.derive<ConfigObject<AccessPolicyV1Spec>, Translation>(
    'translate.v1.access-open',
    policies,
    (policy, id, read) => {
      const places = placesOf(policy.spec.destinationSelector);
      const selected = rows(
        read,
        external,
        places.flatMap((place) => [...read.lookup(externalAt, place)]),
      )
        .filter((destination) => selectsExternal(policy.spec.destinationSelector, destination))
        .sort(byAge);
      const unguarded = selected.filter(({ spec }) => {
        const hosts = spec.externalService.hosts ?? [];
        const near = [EVERY, ...hosts.map((host) => host.toLowerCase())].flatMap((place) => [...read.lookup(gatewaysAt, place)]);
        return !hosts.some((host) => rows(read, gateways, near).some((gateway) => governs(gateway, host)));
      });
      return unguarded.length === 0
        ? []
        : [[id, { objects: [], issues: unguarded.map((destination) => notEnforced(policy, destination)) }]];
    },
    structural,
  );
  return [atGateways, open];
}

const EVERY = '*';
