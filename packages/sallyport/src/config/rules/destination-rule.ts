import { ipFamily } from '../../lib/ip.ts';
import type { DestinationRuleSpec, OutlierDetection, PolicyBlocks, TrafficPolicy } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkClientTls } from './client-tls.ts';
import { checkConnectionPool } from './connection-pool.ts';
import { checkLoadBalancer } from './load-balancer.ts';
import { isDnsLabel, notFqdn, notWildcardDomain } from './names.ts';
import type { Rule } from './rule.ts';
import { checkDuration, checkExportTo, checkPortNumber, checkSelector, warnSelectsAll } from './shared.ts';
import { checkLabels } from './workload-entry.ts';

/** DestinationRule (spec/istio.md 2.7). */
export const destinationRuleRule: Rule<DestinationRuleSpec> = function* (spec, { namespace }) {
  const host = spec.host ?? '';
  const reason = notWildcardDomain(host);
  if (reason !== undefined)
    yield host === ''
      ? missing(['spec', 'host'], '`host` is missing', 'name the host that the rule is for')
      : invalid(
          ['spec', 'host'],
          `${shown(host)} is no host name: ${reason}`,
          'write a DNS name, for example reviews.default.svc.cluster.local',
        );
  yield* checkTrafficPolicy(spec.trafficPolicy, namespace, ['spec', 'trafficPolicy']);
  yield* checkSubsets(spec, namespace);
  yield* checkExportTo(spec.exportTo, namespace);
  const selector = spec.workloadSelector;
  if (selector === undefined) return;
  const labels = selector.matchLabels ?? {};
  const asLabels = (field: Path): Path => field.map((part) => (part === 'labels' ? 'matchLabels' : part));
  for (const one of checkSelector({ labels }, ['spec', 'workloadSelector'])) yield { ...one, field: asLabels(one.field) };
  yield* warnSelectsAll({ labels }, ['spec', 'workloadSelector'], 'workloads');
  const elsewhere = (spec.exportTo ?? []).findIndex((entry) => entry !== '.' && entry !== namespace);
  if (elsewhere !== -1)
    yield invalid(
      ['spec', 'exportTo', elsewhere],
      'a rule with a selector is for its own namespace only',
      'write "." or leave `exportTo` out',
    );
};

function* checkSubsets({ subsets = [] }: DestinationRuleSpec, namespace: string): Iterable<Finding> {
  const names = new Set<string>();
  for (const [i, subset] of subsets.entries()) {
    const field = ['spec', 'subsets', i];
    const name = subset.name ?? '';
    if (names.has(name))
      yield invalid([...field, 'name'], `two subsets are named ${shown(name)}`, 'give every subset its own name');
    names.add(name);
    yield* checkSubsetName(name, [...field, 'name']);
    yield* checkLabels(subset.labels, [...field, 'labels']);
    yield* checkTrafficPolicy(subset.trafficPolicy, namespace, [...field, 'trafficPolicy']);
  }
}

export function* checkSubsetName(name: string, field: Path): Iterable<Finding> {
  if (name === '') yield missing(field, 'a subset has no name', 'write `name`');
  else if (!isDnsLabel(name))
    yield invalid(field, `${shown(name)} is no subset name`, 'use letters, digits and dashes, at most 63');
}

const POLICY_FIELDS = [
  'loadBalancer',
  'connectionPool',
  'outlierDetection',
  'tls',
  'portLevelSettings',
  'tunnel',
  'proxyProtocol',
  'retryBudget',
] as const;

export function* checkTrafficPolicy(policy: TrafficPolicy | undefined, namespace: string, field: Path): Iterable<Finding> {
  if (policy === undefined) return;
  if (POLICY_FIELDS.every((name) => policy[name] === undefined))
    yield missing(field, 'the traffic policy is empty', 'set a field of it, or leave it out');
  yield* checkBlocks(policy, namespace, field);
  for (const [i, level] of (policy.portLevelSettings ?? []).entries()) {
    const at = [...field, 'portLevelSettings', i];
    if (level.port === undefined) yield missing([...at, 'port'], '`port` is missing', 'write port: {number: 443}');
    if (POLICY_FIELDS.slice(0, 4).every((name) => level[name as keyof PolicyBlocks] === undefined))
      yield missing(at, 'the settings of the port are empty', 'set a field, or leave them out');
    yield* checkBlocks(level, namespace, at);
  }
  if (policy.tunnel !== undefined && policy.proxyProtocol !== undefined)
    yield invalid([...field, 'proxyProtocol'], '`tunnel` and `proxyProtocol` exclude each other', 'keep one of them');
  yield* checkTunnel(policy.tunnel, [...field, 'tunnel']);
}

function* checkBlocks(blocks: PolicyBlocks, namespace: string, field: Path): Iterable<Finding> {
  yield* checkOutlierDetection(blocks.outlierDetection, [...field, 'outlierDetection']);
  yield* checkConnectionPool(blocks.connectionPool, [...field, 'connectionPool']);
  yield* checkLoadBalancer(blocks.loadBalancer, blocks.outlierDetection !== undefined, [...field, 'loadBalancer']);
  yield* checkClientTls(blocks.tls, namespace, [...field, 'tls']);
}

function* checkOutlierDetection(outlier: OutlierDetection | undefined, field: Path): Iterable<Finding> {
  if (outlier === undefined) return;
  yield* checkDuration(outlier.interval, [...field, 'interval']);
  yield* checkDuration(outlier.baseEjectionTime, [...field, 'baseEjectionTime']);
  if ((outlier.consecutiveErrors ?? 0) !== 0)
    yield warn(
      'INEFFECTIVE',
      [...field, 'consecutiveErrors'],
      '`consecutiveErrors` is out of date',
      'write `consecutive5xxErrors` or `consecutiveGatewayErrors`',
    );
  if (outlier.splitExternalLocalOriginErrors !== true && (outlier.consecutiveLocalOriginFailures ?? 0) > 0)
    yield invalid(
      [...field, 'consecutiveLocalOriginFailures'],
      '`consecutiveLocalOriginFailures` counts nothing unless local errors are split off',
      'set `splitExternalLocalOriginErrors: true`',
    );
  for (const name of ['maxEjectionPercent', 'minHealthPercent'] as const) {
    const percent = outlier[name] ?? 0;
    if (percent < 0 || percent > 100)
      yield invalid([...field, name], `${percent} is no percentage`, 'write a number from 0 to 100');
  }
}

function* checkTunnel(tunnel: TrafficPolicy['tunnel'], field: Path): Iterable<Finding> {
  if (tunnel === undefined) return;
  const { protocol = '', targetHost = '', targetPort = 0 } = tunnel;
  if (!['', 'CONNECT', 'POST'].includes(protocol))
    yield invalid([...field, 'protocol'], `${shown(protocol)} opens no tunnel`, 'CONNECT or POST');
  if (notFqdn(targetHost) !== undefined && ipFamily(targetHost) === 0)
    yield invalid(
      [...field, 'targetHost'],
      `${shown(targetHost)} is neither a DNS name nor an IP address`,
      'name the host at the end of the tunnel',
    );
  yield* checkPortNumber(targetPort, [...field, 'targetPort']);
}
