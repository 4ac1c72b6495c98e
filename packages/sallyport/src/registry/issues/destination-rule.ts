import { isWildcard } from '../../lib/host.ts';
import { hasLineBreak, type Issue, LARGEST_RING, type Service, type TrafficPolicy } from '../../model/index.ts';
import { groupRules, type OwnRule } from '../destination-rule.ts';
import { finding } from './finding.ts';
import { hostCaseFindings } from './host-case.ts';
import { PREFER_ZONES, ZONES_ALIKE } from './zones-alike.ts';

/** A DestinationRule whose host nobody declares, or that sets up a port the host does not have. `services` gives those of its exact host. */
export function ruleFindings({ object, host }: OwnRule, isMeant: boolean, services: () => readonly Service[]): readonly Issue[] {
  const own = [...hostCaseFindings(object, [object.spec.host], () => ['spec', 'host']), ...limitFindings(object)];
  if (isMeant) return [...own, ...portLevelFindings(object, host, services)];
  const what = isWildcard(host) ? `no service has a host under ${host}` : `no service is called ${host}`;
  const hint = `declare ${host} with a ServiceEntry, or mend the name`;
  return [...own, finding(object, 'DANGLING_REFERENCE', 'warning', ['spec', 'host'], `${what}: the rule does nothing`, hint)];
}

type Field = readonly (string | number)[];

/** Every policy of a rule as written, with its place: top, subsets, and the port settings of each. */
export function* policiesIn({ spec }: OwnRule['object']): Generator<readonly [TrafficPolicy, Field]> {
  const places: readonly (readonly [TrafficPolicy | undefined, Field])[] = [
    [spec.trafficPolicy, ['spec', 'trafficPolicy']],
    ...(spec.subsets ?? []).map((subset, i) => [subset.trafficPolicy, ['spec', 'subsets', i, 'trafficPolicy']] as const),
  ];
  for (const [policy, field] of places) {
    if (policy === undefined) continue;
    yield [policy, field];
    for (const [i, port] of (policy.portLevelSettings ?? []).entries()) yield [port, [...field, 'portLevelSettings', i]];
  }
}

/** Values that Istio accepts and Envoy refuses, for which the nearest that it takes is sent; and settings that nothing acts on. */
export function limitFindings(object: OwnRule['object']): readonly Issue[] {
  return [...policiesIn(object)].flatMap(([{ loadBalancer, retryBudget, tls }, field]) => {
    const { ringHash, minimumRingSize = 0 } = loadBalancer?.consistentHash ?? {};
    const hash = [...field, 'loadBalancer', 'consistentHash'];
    const rings = [
      [ringHash?.minimumRingSize ?? 0, [...hash, 'ringHash', 'minimumRingSize']],
      [minimumRingSize, [...hash, 'minimumRingSize']],
    ] as const;
    const found = rings
      .filter(([size]) => size > LARGEST_RING)
      .map(([size, at]) => {
        const message = `no ring of Envoy is larger than ${LARGEST_RING}, so ${size} is left out`;
        return finding(object, 'UNSUPPORTED', 'error', at, message, 'a few thousand do; the default is 1024');
      });
    if (loadBalancer?.zoneAwareLbSetting !== undefined && loadBalancer.zoneAwareLbSetting.enabled !== false) {
      const at = [...field, 'loadBalancer', 'zoneAwareLbSetting'];
      found.push(finding(object, 'UNSUPPORTED', 'warning', at, ZONES_ALIKE, PREFER_ZONES));
    }
    const warmth = loadBalancer?.warmup?.minimumPercent ?? 0;
    if (warmth < 0) {
      const at = [...field, 'loadBalancer', 'warmup', 'minimumPercent'];
      found.push(
        finding(object, 'UNSUPPORTED', 'error', at, `${warmth} is no percentage, so 0 is taken`, 'write a number from 0 to 100'),
      );
    }
    if (hasLineBreak(tls?.sni ?? '')) {
      const message = 'the name has a line break or a zero byte, which is left out';
      found.push(finding(object, 'UNSUPPORTED', 'error', [...field, 'tls', 'sni'], message, 'write a DNS name'));
    }
    const percent = retryBudget?.percent ?? 0;
    if (percent >= 0 && percent <= 100) return found;
    const message = `${percent} is no percentage, so ${percent < 0 ? 0 : 100} is taken`;
    const at = [...field, 'retryBudget', 'percent'];
    return [...found, finding(object, 'UNSUPPORTED', 'error', at, message, 'write a number from 0 to 100')];
  });
}

function portLevelFindings(object: OwnRule['object'], host: string, services: () => readonly Service[]): readonly Issue[] {
  const settings = object.spec.trafficPolicy?.portLevelSettings ?? [];
  if (settings.length === 0) return [];
  const declared = new Set(services().flatMap(({ ports }) => ports.map(({ number }) => number)));
  if (declared.size === 0) return [];
  return settings.flatMap(({ port }, index) => {
    if (port?.number === undefined || declared.has(port.number)) return [];
    const message = `${host} has no port ${port.number}, so these settings do nothing; its ports are ${[...declared].sort((a, b) => a - b).join(', ')}`;
    return [finding(object, 'INEFFECTIVE', 'warning', ['spec', 'trafficPolicy', 'portLevelSettings', index, 'port'], message)];
  });
}

/** What is lost when several rules for one host in one namespace are merged: all but the first traffic policy, and subsets defined again (spec/istio.md 2.5). */
export function shadowedRuleFindings(rules: readonly OwnRule[]): readonly Issue[] {
  const groups = groupRules(rules);
  const standing = new Set(groups.map(([first]) => first));
  return groups.flatMap((group) => {
    const policyOwner = group.find(({ object }) => object.spec.trafficPolicy !== undefined);
    return group
      .filter((rule) => !standing.has(rule))
      .flatMap((rule) => [...lostPolicy(rule, policyOwner), ...lostSubsets(rule, group.slice(0, group.indexOf(rule)))]);
  });
}

function lostPolicy({ object, host }: OwnRule, owner: OwnRule | undefined): readonly Issue[] {
  if (object.spec.trafficPolicy === undefined || owner === undefined || owner.object === object) return [];
  const message = `this trafficPolicy is not used: DestinationRule ${owner.object.key.name} is older, has the same host ${host} and a trafficPolicy of its own`;
  return [
    finding(
      object,
      'SHADOWED',
      'warning',
      ['spec', 'trafficPolicy'],
      message,
      'put all settings of a host into one DestinationRule',
    ),
  ];
}

function lostSubsets({ object, host }: OwnRule, earlier: readonly OwnRule[]): readonly Issue[] {
  return (object.spec.subsets ?? []).flatMap(({ name }, index) => {
    const owner = earlier.find((rule) => rule.object.spec.subsets?.some((subset) => subset.name === name));
    if (owner === undefined) return [];
    const message = `subset ${name} of ${host} is defined by the older DestinationRule ${owner.object.key.name}; this definition is not used`;
    return [finding(object, 'SHADOWED', 'warning', ['spec', 'subsets', index], message, 'give the subset another name')];
  });
}
