import { type Finding, invalid, shown } from '../finding.ts';
import type { Path } from '../yaml/position.ts';

const ATTRIBUTES: ReadonlySet<string> = new Set([
  'source.ip',
  'remote.ip',
  'source.namespace',
  'source.principal',
  'source.serviceAccount',
  'source.trustDomain',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
  'destination.ip',
  'destination.port',
  'connection.sni',
]);

/** Attributes of `when` (Istio's reference, "Authorization Policy Conditions"). */
export function* checkConditionKey(key: string, field: Path): Iterable<Finding> {
  if (key.startsWith('experimental.envoy.filters.')) return;
  if (ATTRIBUTES.has(key) || /^request\.headers\[[^\]]+\]$/.test(key) || /^request\.auth\.claims(\[[^\]]+\])+$/.test(key)) return;
  const known = [...ATTRIBUTES, 'request.headers[NAME]', 'request.auth.claims[NAME]'].join(', ');
  yield invalid([...field, 'key'], `${shown(key)} is no attribute`, `the attributes are ${known}`);
}
