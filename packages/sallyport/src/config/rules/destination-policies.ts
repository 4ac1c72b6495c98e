import type {
  ClientTlsPolicySpec,
  ConnectionPolicySpec,
  FailoverPolicySpec,
  LoadBalancerPolicySpec,
  OutlierDetectionPolicySpec,
  TrimProxyConfigPolicySpec,
} from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkDestinationSelectors } from './gloo-selectors.ts';
import type { Rule } from './rule.ts';
import { checkDuration } from './shared.ts';

/** Policies on destinations: what their schemas say in prose (spec/gloo.md 2.9). */

const APPLY: Path = ['spec', 'applyToDestinations'];
const CONFIG: Path = ['spec', 'config'];
const MAX_INT32 = 2 ** 31 - 1;

function* checkConfig(config: object | undefined): Iterable<Finding> {
  if (config === undefined || Object.keys(config).length === 0)
    yield missing([...CONFIG], '`config` is missing or empty, so that the policy says nothing', 'write what the policy sets');
}

export const connectionPolicyRule: Rule<ConnectionPolicySpec> = function* ({ applyToDestinations, config }) {
  yield* checkDestinationSelectors(applyToDestinations, APPLY);
  yield* checkConfig(config);
  const tcp = config?.tcp ?? {};
  const at = [...CONFIG, 'tcp'];
  yield* checkDuration(tcp.connectTimeout, [...at, 'connectTimeout']);
  yield* checkDuration(tcp.maxConnectionDuration, [...at, 'maxConnectionDuration']);
  yield* checkDuration(tcp.tcpKeepalive?.time, [...at, 'tcpKeepalive', 'time']);
  yield* checkDuration(tcp.tcpKeepalive?.interval, [...at, 'tcpKeepalive', 'interval']);
  yield* checkDuration(config?.http?.idleTimeout, [...CONFIG, 'http', 'idleTimeout']);
  for (const layer of ['tcp', 'http'] as const)
    for (const [name, value] of Object.entries(config?.[layer] ?? {}))
      if (typeof value === 'number' && value < 0)
        yield invalid([...CONFIG, layer, name], `${value} is negative`, 'write 0 or more');
};

export const outlierDetectionPolicyRule: Rule<OutlierDetectionPolicySpec> = function* ({
  applyToDestinations = [],
  config = {},
}) {
  yield* checkDestinationSelectors(applyToDestinations, APPLY);
  for (const [i, { kind = 'SERVICE' }] of applyToDestinations.entries())
    if (kind === 'SERVICE')
      yield invalid(
        [...APPLY, i, 'kind'],
        'outlier detection is for external services and virtual destinations, and the kind is SERVICE',
        'write kind: EXTERNAL_SERVICE or kind: VIRTUAL_DESTINATION',
      );
  if (config.consecutiveErrors === 0)
    yield invalid([...CONFIG, 'consecutiveErrors'], 'after 0 errors everything is ejected', 'write 1 or more');
  for (const name of ['consecutiveErrors', 'consecutiveGatewayErrors'] as const)
    if ((config[name] ?? 0) > MAX_INT32)
      yield invalid([...CONFIG, name], `${config[name]} is above ${MAX_INT32}`, 'write a smaller number');
  if ((config.maxEjectionPercent ?? 0) > 100)
    yield invalid(
      [...CONFIG, 'maxEjectionPercent'],
      `${config.maxEjectionPercent} is no percentage`,
      'write a number from 0 to 100',
    );
  yield* checkDuration(config.interval, [...CONFIG, 'interval']);
  yield* checkDuration(config.baseEjectionTime, [...CONFIG, 'baseEjectionTime']);
  const { consecutiveErrors = 5, consecutiveGatewayErrors = 0 } = config;
  if (consecutiveGatewayErrors > 0 && consecutiveGatewayErrors >= consecutiveErrors)
    yield warn(
      'INEFFECTIVE',
      [...CONFIG, 'consecutiveGatewayErrors'],
      `errors of gateways count as errors, too, and ${consecutiveErrors} of those are enough`,
      `write less than ${consecutiveErrors}`,
    );
};

export const failoverPolicyRule: Rule<FailoverPolicySpec> = function* ({ applyToDestinations, config = {} }) {
  yield* checkDestinationSelectors(applyToDestinations, APPLY);
  const { localityMappings: mappings = [], priorityLabels } = config;
  if (mappings.length > 0 && (priorityLabels?.labels ?? []).length > 0)
    yield warn('INEFFECTIVE', [...CONFIG, 'priorityLabels'], 'locality mappings win over priority labels', 'keep one of the two');
  const weighted = mappings.filter(({ to = [] }) => to.some((place) => place.weight !== undefined));
  if (weighted.length > 0 && weighted.length < mappings.length)
    yield invalid(
      [...CONFIG, 'localityMappings'],
      'some mappings have weights and distribute, others have none and fail over; Istio does one of the two',
      'give weights to all mappings, or to none',
    );
  for (const [i, mapping] of mappings.entries()) yield* checkMapping(mapping, [...CONFIG, 'localityMappings', i]);
  yield* checkPriorityLabels(priorityLabels?.labels ?? [], [...CONFIG, 'priorityLabels', 'labels']);
};

type Mapping = NonNullable<NonNullable<FailoverPolicySpec['config']>['localityMappings']>[number];

function* checkMapping({ from = {}, to = [] }: Mapping, field: Path): Iterable<Finding> {
  if ((from.region ?? '') === '')
    yield missing([...field, 'from', 'region'], '`region` is missing', 'name the region that calls come from');
  if (to.length === 0) yield missing([...field, 'to'], '`to` is missing', 'name where the calls go');
  for (const [i, { region = '' }] of to.entries())
    if (region === '') yield missing([...field, 'to', i, 'region'], '`region` is missing', 'name the region that calls go to');
  const weights = to.map((place) => place.weight);
  if (weights.some((weight) => weight !== undefined)) {
    const open = weights.filter((weight) => weight === undefined).length;
    const total = weights.reduce<number>((sum, weight) => sum + (weight ?? 0), 0);
    if (open === 0 ? total !== 100 : total + open > 100)
      yield invalid([...field, 'to'], `the weights add up to ${total}`, 'let them add up to 100');
    return;
  }
  // Without weights calls fail over, and Istio does that between whole regions (spec/istio.md 2.7).
  for (const [name, place] of [['from', from], ...to.map((place, i) => [i, place] as const)] as const)
    if ((place.zone ?? '') !== '' || (place.subZone ?? '') !== '')
      yield invalid(
        name === 'from' ? [...field, 'from', 'zone'] : [...field, 'to', name, 'zone'],
        'failover is between whole regions',
        'leave zone and subZone out, or give the destinations weights',
      );
  if (to.length > 1)
    yield warn(
      'UNTRANSLATABLE',
      [...field, 'to', 1],
      'a region fails over to one other region; only the first counts',
      'keep one, or give them weights',
    );
  if (to[0]?.region !== undefined && to[0].region === from.region)
    yield invalid([...field, 'to', 0, 'region'], 'a region cannot fail over to itself', 'name another region');
}

function* checkPriorityLabels(labels: readonly string[], field: Path): Iterable<Finding> {
  const pairs = labels.filter((label) => label.includes('=')).length;
  if (pairs > 0 && pairs < labels.length)
    yield invalid(field, 'some labels have values and others have not', 'write only keys, or only key=value');
  for (const [i, label] of labels.entries())
    if (label === '') yield invalid([...field, i], 'the label is empty', 'write a label key');
}

export const loadBalancerPolicyRule: Rule<LoadBalancerPolicySpec> = function* ({ applyToDestinations, config = {} }) {
  yield* checkDestinationSelectors(applyToDestinations, APPLY);
  const { simple, consistentHash: hash } = config;
  if (simple === undefined && hash === undefined)
    yield missing([...CONFIG], 'neither `simple` nor `consistentHash` is set', 'for example simple: ROUND_ROBIN');
  if (hash !== undefined) yield* checkHash(hash, [...CONFIG, 'consistentHash']);
  if (config.warmupDurationSecs !== undefined && (hash !== undefined || simple === 'RANDOM' || simple === 'PASSTHROUGH'))
    yield warn(
      'INEFFECTIVE',
      [...CONFIG, 'warmupDurationSecs'],
      `endpoints warm up with ROUND_ROBIN and LEAST_REQUEST only, and this is ${simple ?? 'consistentHash'}`,
      'use one of them, or leave it out',
    );
  const threshold = config.healthyPanicThreshold;
  if (threshold !== undefined && (threshold < 0 || threshold > 100))
    yield invalid([...CONFIG, 'healthyPanicThreshold'], `${threshold} is no percentage`, 'write a number from 0 to 100');
  for (const name of ['healthyPanicThreshold', 'updateMergeWindow'] as const)
    if (config[name] !== undefined)
      yield warn(
        'UNTRANSLATABLE',
        [...CONFIG, name],
        `\`${name}\` is not carried out: a DestinationRule has no field for it`,
        'leave it out; everything else of the policy is in force',
      );
};

function* checkHash(
  hash: NonNullable<NonNullable<LoadBalancerPolicySpec['config']>['consistentHash']>,
  field: Path,
): Iterable<Finding> {
  if (Object.keys(hash).length === 0)
    yield missing(field, 'the hash has no key', 'one of httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName');
  for (const name of ['httpHeaderName', 'httpQueryParameterName'] as const)
    if (hash[name] === '') yield invalid([...field, name], `\`${name}\` is empty`, 'write a name');
  if (hash.useSourceIp === false)
    yield invalid([...field, 'useSourceIp'], 'a hash over nothing', 'write true, or choose another key');
  if (hash.httpCookie !== undefined && (hash.httpCookie.name ?? '') === '')
    yield missing([...field, 'httpCookie', 'name'], 'the cookie has no name', 'write `name`');
}

export const clientTlsPolicyRule: Rule<ClientTlsPolicySpec> = function* (spec) {
  yield* checkDestinationSelectors(spec.applyToDestinations, APPLY);
  const { disable, simple, mutual, istioMutual } = spec;
  if (disable === undefined && simple === undefined && mutual === undefined && istioMutual === undefined)
    yield missing(['spec'], 'the policy has no mode', 'one of disable, simple, mutual, istioMutual');
  if (mutual !== undefined && (mutual.config?.credentialName ?? '') === '')
    yield missing(
      ['spec', 'mutual', 'config', 'credentialName'],
      'mutual TLS needs the certificate that clients show',
      'name the secret in `credentialName`',
    );
};

export const trimProxyConfigPolicyRule: Rule<TrimProxyConfigPolicySpec> = function* ({ applyToWorkloads = [], config = {} }) {
  yield* checkDestinationSelectors(config.includedDestinations, [...CONFIG, 'includedDestinations']);
  if ((config.includedDestinations ?? []).length === 0)
    yield warn(
      'INEFFECTIVE',
      [...CONFIG, 'includedDestinations'],
      'no destinations are included, so that nothing is trimmed',
      'name the destinations that workloads keep',
    );
  for (const [i, { kind, port }] of applyToWorkloads.entries()) {
    const field = ['spec', 'applyToWorkloads', i];
    if (kind === 'VM')
      yield warn(
        'UNTRANSLATABLE',
        [...field, 'kind'],
        `workloads are told apart by labels, not by what they run on, found ${shown(kind)}`,
        'select them by labels',
      );
    if (port !== undefined) yield warn('INEFFECTIVE', [...field, 'port'], 'a proxy is trimmed for all its ports', 'leave it out');
  }
};
