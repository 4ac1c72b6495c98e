import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RouteAction_HashPolicySchema } from '@sallyport/apis/route';
import type { ConsistentHash, Destination, PolicyBlocks, Rule, TrafficPolicy } from '../../model/index.ts';
import { durationOf } from '../encode.ts';

export type HashShape = MessageInitShape<typeof RouteAction_HashPolicySchema>;

/** Whether the rule hashes requests anywhere, so that routes depend on it. */
export function hashesAnywhere(rule: Rule): boolean {
  return [rule.trafficPolicy, ...rule.subsets.map((subset) => subset.trafficPolicy)].some(
    (policy) => hashOf(policy) !== undefined || (policy?.portLevelSettings ?? []).some((port) => hashOf(port) !== undefined),
  );
}

/**
 * How requests to a VirtualService's destination are hashed: subset and port, subset, port, rule; the first that says so
 * counts (spec/istio.md 4.7). Only a port that the destination names is looked at.
 */
export function hashOfDestination(rule: Rule, destination: Destination): ConsistentHash | undefined {
  const subset = rule.subsets.find(({ name }) => name === (destination.subset ?? ''))?.trafficPolicy;
  const port = destination.port?.number;
  return portHash(subset, port) ?? hashOf(subset) ?? portHash(rule.trafficPolicy, port) ?? hashOf(rule.trafficPolicy);
}

/** How requests to a host without VirtualService are hashed. */
export function hashOfPort(rule: Rule, port: number): ConsistentHash | undefined {
  return portHash(rule.trafficPolicy, port) ?? hashOf(rule.trafficPolicy);
}

function portHash(policy: TrafficPolicy | undefined, port: number | undefined): ConsistentHash | undefined {
  if (port === undefined) return undefined;
  return hashOf(policy?.portLevelSettings?.find((setting) => setting.port?.number === port));
}

function hashOf(policy: PolicyBlocks | undefined): ConsistentHash | undefined {
  return policy?.loadBalancer?.consistentHash;
}

/** Envoy's form; undefined for a hash without a key. */
export function hashPolicy(hash: ConsistentHash): HashShape | undefined {
  const { httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName } = hash;
  if (httpHeaderName) return { policySpecifier: { case: 'header', value: { headerName: httpHeaderName } } };
  if (httpCookie !== undefined) {
    const ttl = durationOf(httpCookie.ttl);
    const attributes = (httpCookie.attributes ?? []).map(({ name, value }) => ({ name: name ?? '', value: value ?? '' }));
    const value = { name: httpCookie.name ?? '', path: httpCookie.path ?? '', attributes, ...(ttl && { ttl }) };
    return { policySpecifier: { case: 'cookie', value } };
  }
  if (useSourceIp !== undefined) return { policySpecifier: { case: 'connectionProperties', value: { sourceIp: useSourceIp } } };
  if (httpQueryParameterName) return { policySpecifier: { case: 'queryParameter', value: { name: httpQueryParameterName } } };
  return undefined;
}
