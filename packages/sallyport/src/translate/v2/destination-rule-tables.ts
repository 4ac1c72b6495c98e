import { type Collection, type Graph, type Read, structural } from '../../collection/index.ts';
import type { ConfigObject } from '../../model/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import {
  type Attachment,
  attach,
  DESTINATION_POLICIES,
  type DestinationPolicy,
  policyPlaces,
  serviceSelectors,
} from './attachment.ts';
import type { CopiesOf } from './copies.ts';
import { type Destination, destinationKey, destinationPlaces } from './destination.ts';
import { credentialOf, ruleFor } from './destination-rule.ts';
import type { DestinationSearch } from './destination-search.ts';
import { type AttachmentNote, noteOf, policyFindings } from './policy-findings.ts';
import type { Workspaces } from './workspace-tables.ts';

interface Ruled {
  /** ExternalServices and VirtualDestinations by `destinationKey`. */
  readonly declared: Collection<Destination>;
  readonly search: DestinationSearch;
  readonly copiesOf: CopiesOf;
  /** Every namespace that may call a destination. */
  readonly callersOf: CopiesOf;
}

interface Placed {
  readonly workspace: string;
  readonly policy: DestinationPolicy;
}

/** A Kubernetes Service that a policy means, as its workspace sees it. */
interface Meant {
  readonly viewer: string;
  readonly namespace: string;
  readonly name: string;
}

/** Policies on destinations and TLS that destinations bring, in one DestinationRule for each host, workspace and namespace (spec/gloo.md 2.9). */
export function buildDestinationRules(
  graph: Graph,
  inputs: TranslateInputs,
  workspaces: Workspaces,
  { declared, search, copiesOf, callersOf }: Ruled,
): readonly Collection<Translation>[] {
  const policies = graph.union<ConfigObject>('translate.v2.policies', ...DESTINATION_POLICIES.map((kind) => inputs.gloo(kind)));
  const placed = graph.derive<ConfigObject, Placed>(
    'translate.v2.placed-policies',
    policies,
    (object, id, read) => {
      const workspace = workspaces.ofNamespace(read, object.key.namespace);
      return workspace === undefined ? [] : [[id, { workspace, policy: object as DestinationPolicy }]];
    },
    structural,
  );
  const byPlace = graph.index('translate.v2.policies-by-place', placed, ({ workspace, policy }) =>
    policyPlaces(policy).map((place) => `${workspace}\n${place}`),
  );
  const clusterOf = (read: Read): string => read.get(inputs.settings, 'settings')?.cluster ?? '';

  // Kubernetes Services become rows only where a policy means them.
  const meant = graph.derive<Placed, Meant>(
    'translate.v2.meant-services',
    placed,
    ({ workspace: viewer, policy }, id, read) => {
      const found = serviceSelectors(policy).flatMap((selector) => search.find(read, viewer, 'SERVICE', selector));
      const rows = found.map(({ object: { key } }): [string, Meant] => {
        const { namespace, name } = key;
        return [`${id}\n${namespace}/${name}`, { viewer, namespace, name }];
      });
      return new Map(rows);
    },
    structural,
  );
  const services = graph.distinct('translate.v2.ruled-services', meant, (one) => [
    [destinationKey(one.viewer, 'SERVICE', one.namespace, one.name), one],
  ]);
  const ruledServices = graph.derive<Meant, Destination>(
    'translate.v2.service-destinations',
    services,
    ({ viewer, namespace, name }, key, read) => {
      const found = search.get(read, viewer, 'SERVICE', namespace, name);
      return found === undefined ? [] : [[key, found]];
    },
    structural,
  );
  const destinations = graph.union('translate.v2.ruled', declared, ruledServices);

  const attached = graph.derive<Destination, readonly Attachment[]>(
    'translate.v2.attachments',
    destinations,
    (destination, key, read) => {
      const ids = new Set(
        destinationPlaces(destination).flatMap((place) => [...read.lookup(byPlace, `${destination.viewer}\n${place}`)]),
      );
      if (ids.size === 0) return [];
      const found = [...ids].map((id) => read.get(placed, id)!.policy);
      const attachments = attach(destination, found, clusterOf(read));
      return attachments.length === 0 ? [] : [[key, attachments]];
    },
    structural,
  );
  const rules = graph.derive<Destination, Translation>(
    'translate.v2.destination-rules',
    destinations,
    (destination, key, read) => {
      const attachments = read.get(attached, key) ?? [];
      // A rule that selects workloads holds in its own namespace only.
      const everywhere = credentialOf(destination, attachments) !== undefined;
      const copies = everywhere ? callersOf(read, destination) : copiesOf(read, destination);
      const objects = destination.hosts.flatMap((host) =>
        copies.flatMap((copy) => ruleFor(destination, host, attachments, copy) ?? []),
      );
      return objects.length === 0 ? [] : [[`DestinationRule of ${key}`, { objects, issues: [] }]];
    },
    structural,
  );

  const notes = graph.derive<readonly Attachment[], AttachmentNote>(
    'translate.v2.attachment-notes',
    attached,
    (attachments, key, read) => {
      const destination = read.get(destinations, key);
      if (destination === undefined) return [];
      return attachments.map((attachment) => {
        const { kind, namespace, name } = attachment.policy.key;
        const id = `${kind}/${namespace}/${name}`;
        return [`${id}\n${key}`, noteOf(id, destination, attachment)] as const;
      });
    },
    structural,
  );
  const notesByPolicy = graph.index('translate.v2.notes-by-policy', notes, ({ policy }) => [policy]);
  const findings = graph.derive<{ readonly policy: DestinationPolicy }, Translation>(
    'translate.v2.policy-findings',
    placed,
    ({ policy }, id, read) => {
      const own = [...read.lookup(notesByPolicy, id)].sort().map((key) => read.get(notes, key)!);
      const issues = [...policyFindings(policy, own, clusterOf(read))];
      return issues.length === 0 ? [] : [[`said of ${id}`, { objects: [], issues }]];
    },
    structural,
  );
  return [rules, findings];
}
