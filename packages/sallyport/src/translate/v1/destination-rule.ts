import type { ConfigObject, TcpKeepalive, TrafficPolicy, TrafficPolicyV1Spec } from '../../model/index.ts';
import type { Marked } from '../sourced.ts';
import { type RuleFields, ruleFieldsOf } from './rule-fields.ts';

type Policy = ConfigObject<TrafficPolicyV1Spec>;

/**
 * What a DestinationRule of an external service says (spec/gloo.md 1.8), or undefined when nothing is set. Policies for some ports only
 * go to these ports, and there repeat what holds for all: in Istio a port inherits nothing.
 */
export function trafficPolicyOf(
  policies: readonly Policy[],
  keepalive: Marked<TcpKeepalive> | undefined,
): Marked<TrafficPolicy> | undefined {
  const general = merged(
    policies.filter((policy) => !isForPorts(policy)),
    keepalive,
  );
  const ports = [...new Set(policies.filter(isForPorts).flatMap(({ spec }) => spec.destinationPorts ?? []))].sort(
    (a, b) => a - b,
  );
  const levels = ports.flatMap((number) => {
    const own = policies.filter((policy) => isForPorts(policy) && policy.spec.destinationPorts?.includes(number));
    if (Object.keys(merged(own, undefined)).length === 0) return [];
    return [{ port: { number }, ...merged([...policies.filter((policy) => !isForPorts(policy)), ...own], keepalive) }];
  });
  if (Object.keys(general).length === 0 && levels.length === 0) return undefined;
  return { ...general, ...(levels.length === 0 ? {} : { portLevelSettings: levels }) } as Marked<TrafficPolicy>;
}

const isForPorts = ({ spec }: Policy): boolean => (spec.destinationPorts ?? []).length > 0;

/** A policy's own connection pool with a keepalive of its own wins over the VirtualMesh's. */
function merged(policies: readonly Policy[], keepalive: Marked<TcpKeepalive> | undefined): RuleFields {
  const fields: RuleFields = Object.assign({}, ...policies.map(ruleFieldsOf));
  const { connectionPool: pool = {} } = fields;
  if (keepalive === undefined || pool.tcp?.tcpKeepalive !== undefined) return fields;
  return { ...fields, connectionPool: { ...pool, tcp: { ...pool.tcp, tcpKeepalive: keepalive } } };
}
