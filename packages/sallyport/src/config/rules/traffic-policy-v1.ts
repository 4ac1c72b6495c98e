import type { HttpMatcherV1, PolicyV1, TrafficPolicyV1Spec, WeightedDestinationV1 } from '../../model/index.ts';
import { type Finding, invalid, missing, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import type { Rule } from './rule.ts';
import { checkDestinationSelectors } from './selectors-v1.ts';
import { checkPortNumber } from './shared.ts';

const AT: Path = ['spec', 'policy'];
const OWN_FILTER = 'it needs a filter or server of Gloo Mesh Enterprise that Envoy alone does not have';

/** TrafficPolicy of Gloo Mesh v1 (spec/gloo.md 1.7): what has no Istio counterpart is refused, so that nothing is dropped in silence. */
export const trafficPolicyV1Rule: Rule<TrafficPolicyV1Spec> = function* (spec) {
  const { policy = {}, sourceSelector = [] } = spec;
  if (Object.keys(policy).length === 0) yield missing(AT, 'the policy says nothing', 'write spec: {policy: {...}}');
  yield* checkDestinationSelectors(spec.destinationSelector, ['spec', 'destinationSelector'], { kubernetes: false });
  if ('routeSelector' in spec)
    yield refused(
      ['spec', 'routeSelector'],
      'VirtualHosts and RouteTables of Gloo Mesh v1 are not translated',
      'select Destinations',
    );
  for (const field of ['csrf', 'rateLimit', 'extauth', 'rateLimitSettings', 'extauthSettings', 'transformations'])
    if (field in policy) yield refused([...AT, field], OWN_FILTER, 'remove the field');
  for (const [i, port] of (spec.destinationPorts ?? []).entries()) yield* checkPortNumber(port, ['spec', 'destinationPorts', i]);
  for (const [i, matcher] of (spec.httpRequestMatchers ?? []).entries())
    yield* checkMatcher(matcher, ['spec', 'httpRequestMatchers', i]);
  yield* checkShift(policy);
  yield* checkHttp(policy);
  if (policy.outlierDetection !== undefined && sourceSelector.length > 0)
    yield invalid(
      [...AT, 'outlierDetection'],
      'outlier detection holds for all callers, and sourceSelector names some',
      'put it into a policy of its own, without sourceSelector',
    );
  if (policy.mtls?.istio?.tlsMode === 'ISTIO_MUTUAL')
    yield warn(
      'UNREACHABLE',
      [...AT, 'mtls', 'istio', 'tlsMode'],
      'servers outside the mesh do not speak its mutual TLS, so calls to them will fail',
      'tlsMode: SIMPLE for servers with a certificate of their own',
    );
};

function* checkMatcher(matcher: HttpMatcherV1, at: Path): Iterable<Finding> {
  if (matcher.uri?.suffix !== undefined)
    yield refused([...at, 'uri', 'suffix'], 'Istio cannot match the end of a path', 'use regex: .*suffix');
  if (matcher.uri !== undefined && (matcher.prefix ?? matcher.exact ?? matcher.regex) !== undefined)
    yield invalid([...at, 'uri'], '`uri` and the deprecated path fields say two things', 'keep `uri`');
  for (const part of ['headers', 'queryParameters'] as const)
    for (const [i, { name }] of (matcher[part] ?? []).entries())
      if (name === undefined || name === '') yield missing([...at, part, i, 'name'], 'the name is missing', 'name it');
}

function* checkShift({ trafficShift }: PolicyV1): Iterable<Finding> {
  if (trafficShift === undefined) return;
  const at = [...AT, 'trafficShift', 'destinations'];
  const { destinations = [] } = trafficShift;
  if (destinations.length === 0) yield missing(at, 'traffic is shifted nowhere', 'name at least one destination');
  for (const [i, destination] of destinations.entries()) yield* checkShifted(destination, [...at, i]);
  const sum = destinations.reduce((total, { weight = 0 }) => total + weight, 0);
  if (destinations.length > 1 && sum !== 100) yield invalid(at, `the weights add up to ${sum}`, 'they must add up to 100');
}

function* checkShifted(destination: WeightedDestinationV1, at: Path): Iterable<Finding> {
  for (const field of ['virtualDestination', 'staticDestination', 'clusterHeader'] as const)
    if (destination[field] !== undefined)
      yield refused([...at, field], 'Istio has nothing that it could be translated to', 'name a kubeService');
  if (destination.kubeService === undefined) {
    if (!('virtualDestination' in destination || 'staticDestination' in destination || 'clusterHeader' in destination))
      yield missing([...at, 'kubeService'], 'the destination is missing', 'kubeService: {name: ..., namespace: ..., port: ...}');
    return;
  }
  for (const field of ['name', 'namespace'] as const)
    if ((destination.kubeService[field] ?? '') === '')
      yield missing([...at, 'kubeService', field], `the ${field} of the Service is missing`, `write ${field}`);
}

function* checkHttp({ faultInjection, mirror, corsPolicy, retries }: PolicyV1): Iterable<Finding> {
  if (faultInjection !== undefined && faultInjection.fixedDelay === undefined && faultInjection.abort === undefined)
    yield missing([...AT, 'faultInjection', 'fixedDelay'], 'no type of fault is named', 'write fixedDelay or abort');
  for (const [name, part] of [
    ['faultInjection', faultInjection],
    ['mirror', mirror],
  ] as const) {
    const percentage = part?.percentage ?? 100;
    if (percentage < 0 || percentage > 100)
      yield invalid([...AT, name, 'percentage'], `${percentage} is no percentage`, 'a number from 0 to 100');
  }
  if (mirror !== undefined && mirror.kubeService === undefined)
    yield missing([...AT, 'mirror', 'kubeService'], 'there is nowhere to mirror to', 'name a kubeService');
  for (const [i, origin] of (corsPolicy?.allowOrigins ?? []).entries())
    if (origin.suffix !== undefined)
      yield refused([...AT, 'corsPolicy', 'allowOrigins', i, 'suffix'], 'Istio cannot match the end of an origin', 'use regex');
  if ((retries?.attempts ?? 0) < 0)
    yield invalid([...AT, 'retries', 'attempts'], 'attempts cannot be negative', '0 switches retries off');
}

function refused(field: Path, message: string, hint: string): Finding {
  return { code: 'UNSUPPORTED', severity: 'error', field, message, hint, side: 'key' };
}
