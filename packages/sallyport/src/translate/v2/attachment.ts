import { byAge, type ConfigObject, type DestinationSelector, type GlooSelector, type Kind } from '../../model/index.ts';
import { type Destination, isSelected, selectedPorts, selectorPlace } from './destination.ts';

/** Kinds of policies on destinations; each says something else, so that one of every kind can hold for a port. */
export const DESTINATION_POLICIES = [
  'ConnectionPolicy',
  'OutlierDetectionPolicy',
  'FailoverPolicy',
  'LoadBalancerPolicy',
  'ClientTLSPolicy',
] as const;

export type DestinationPolicy = ConfigObject<{ readonly applyToDestinations?: readonly DestinationSelector[] }>;

/** What a policy comes to at one destination. */
export interface Attachment {
  readonly policy: DestinationPolicy;
  /** Numbers of the ports that it holds for. */
  readonly ports: readonly number[];
  /** Ports that it is meant for and where an older policy of its kind holds. */
  readonly lost: readonly { readonly port: number; readonly to: ConfigObject }[];
}

/** Which of the workspace's policies hold for which ports of a destination: of each kind the oldest that selects the port (spec/gloo.md 2.9). */
export function attach(destination: Destination, policies: readonly DestinationPolicy[], cluster: string): readonly Attachment[] {
  const taken = new Map<string, ConfigObject>();
  return [...policies].sort(byAge).flatMap((policy) => {
    const wanted = portsOf(policy, destination, cluster);
    if (wanted.length === 0) return [];
    const ports: number[] = [];
    const lost: { port: number; to: ConfigObject }[] = [];
    for (const port of wanted) {
      const place = `${policy.key.kind} ${port}`;
      const holder = taken.get(place);
      if (holder === undefined) {
        taken.set(place, policy);
        ports.push(port);
      } else lost.push({ port, to: holder });
    }
    return [{ policy, ports, lost }];
  });
}

/** Numbers of the ports that a policy selects. No selectors at all mean every destination of the workspace. */
function portsOf(policy: DestinationPolicy, destination: Destination, cluster: string): readonly number[] {
  const { applyToDestinations: selectors = [] } = policy.spec;
  if (selectors.length === 0) return reaches(policy.key.kind, destination) ? destination.ports.map(({ number }) => number) : [];
  const meant = selectors
    .filter(({ kind = 'SERVICE', selector }) => kind === destination.kind && isSelected(destination, selector, cluster))
    .flatMap(({ port }) => selectedPorts(destination.ports, port).map(({ number }) => number));
  return destination.ports.map(({ number }) => number).filter((number) => meant.includes(number));
}

/** Outlier detection is for external services and virtual destinations only. */
function reaches(kind: Kind, destination: Destination): boolean {
  return kind !== 'OutlierDetectionPolicy' || destination.kind !== 'SERVICE';
}

/** Places at which a policy is looked for: those of its selectors. */
export function policyPlaces({ spec: { applyToDestinations: selectors = [] } }: DestinationPolicy): readonly string[] {
  if (selectors.length === 0) return [selectorPlace()];
  return [...new Set(selectors.map(({ selector }) => selectorPlace(selector)))];
}

/** Selectors by which a policy means Kubernetes Services; no selectors at all mean every destination. */
export function serviceSelectors({
  key,
  spec: { applyToDestinations: selectors = [] },
}: DestinationPolicy): readonly (GlooSelector | undefined)[] {
  if (key.kind === 'OutlierDetectionPolicy') return [];
  if (selectors.length === 0) return [undefined];
  return selectors.filter(({ kind = 'SERVICE' }) => kind === 'SERVICE').map(({ selector }) => selector);
}
