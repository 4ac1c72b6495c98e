import type { LocalityLb } from '../../model/index.ts';
import { type Finding, invalid, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';

const TOPOLOGY_LABELS: ReadonlySet<string> = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]);

/** Locality load balancing (spec/istio.md 2.7). `ejects`: outlier detection is configured beside it. */
export function* checkLocality(setting: LocalityLb | undefined, ejects: boolean, field: Path): Iterable<Finding> {
  if (setting === undefined) return;
  const { distribute = [], failover = [], failoverPriority = [] } = setting;
  if (distribute.length > 0 && failover.length > 0)
    yield invalid([...field, 'failover'], '`distribute` and `failover` exclude each other', 'keep one of them');
  if (failover.length > 0)
    for (const [i, label] of failoverPriority.entries())
      if (TOPOLOGY_LABELS.has(label))
        yield invalid(
          [...field, 'failoverPriority', i],
          `${shown(label)} and \`failover\` exclude each other`,
          'keep one of them',
        );
  yield* checkLocalities(
    distribute.map((one) => one.from ?? ''),
    [...field, 'distribute'],
    'from',
  );
  for (const [i, { to = {} }] of distribute.entries()) yield* checkShares(to, [...field, 'distribute', i, 'to']);
  yield* checkFailover(failover, [...field, 'failover']);
  if ((failover.length > 0 || failoverPriority.length > 0) && !ejects)
    yield warn(
      'INEFFECTIVE',
      field,
      'failover needs outlier detection to know when an endpoint is bad',
      'set `outlierDetection` beside `loadBalancer`',
    );
}

/** Zone-aware balancing: the same failover, but no priorities by region, zone or subzone. */
export function* checkZoneAware(
  setting: Pick<LocalityLb, 'failover' | 'failoverPriority'>,
  ejects: boolean,
  field: Path,
): Iterable<Finding> {
  const { failover = [], failoverPriority = [] } = setting;
  for (const [i, label] of failoverPriority.entries())
    if (TOPOLOGY_LABELS.has(label))
      yield invalid([...field, 'failoverPriority', i], `${shown(label)} is what zone awareness already goes by`, 'leave it out');
  yield* checkFailover(failover, [...field, 'failover']);
  if ((failover.length > 0 || failoverPriority.length > 0) && !ejects)
    yield warn(
      'INEFFECTIVE',
      field,
      'failover needs outlier detection to know when an endpoint is bad',
      'set `outlierDetection` beside `loadBalancer`',
    );
}

function* checkShares(to: Readonly<Record<string, number>>, field: Path): Iterable<Finding> {
  let total = 0;
  for (const [locality, share] of Object.entries(to)) {
    if (share < 1 || share > 100)
      yield invalid([...field, locality], `${share} is no percentage`, 'write a number from 1 to 100');
    total += share;
  }
  if (total !== 100) yield invalid(field, `the shares add up to ${total}`, 'let them add up to 100');
  yield* checkLocalities(Object.keys(to), field);
}

/** `region/zone/subzone`, each at most once, `*` only at the end, none inside another. */
function* checkLocalities(localities: readonly string[], field: Path, within?: string): Iterable<Finding> {
  const seen: string[][] = [];
  for (const [i, locality] of localities.entries()) {
    const at = within === undefined ? [...field, locality] : [...field, i, within];
    const stars = locality.split('*').length - 1;
    if (stars > 1 || (stars === 1 && !locality.endsWith('*')))
      yield invalid(at, `${shown(locality)} has a wildcard before its end`, 'write for example region1/*');
    const parts = locality.split('/');
    const place = parts.length > 3 ? [parts[0]!, parts[1]!, parts.slice(2).join('/')] : parts;
    if (place.includes(''))
      yield invalid(at, `${shown(locality)} has an empty part`, 'write region, region/zone or region/zone/subzone');
    else if (seen.some((other) => contains(other, place)))
      yield invalid(at, `${shown(locality)} lies inside another locality of the list`, 'keep one of them');
    seen.push(place);
  }
}

function contains(outer: readonly string[], inner: readonly string[]): boolean {
  if (outer[0] === '*') return true;
  const shorter = Math.min(outer.length, inner.length);
  for (let i = 0; i < shorter; i++) {
    if (outer[i] === '*') return true;
    if (outer[i] !== inner[i]) return false;
  }
  return outer.length <= inner.length || inner.length === 1;
}

function* checkFailover(failover: NonNullable<LocalityLb['failover']>, field: Path): Iterable<Finding> {
  for (const [i, { from = '', to = '' }] of failover.entries()) {
    const at = [...field, i];
    if (from === to)
      yield invalid(at, `a region cannot fail over to itself, found ${shown(from)}`, 'name another region in `to`');
    for (const [name, region] of Object.entries({ from, to }))
      if (region.includes('/') || region.includes('*'))
        yield invalid([...at, name], `${shown(region)} is no region`, 'failover is between whole regions');
  }
}
