import type { ConsistentHash, LoadBalancer } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkLocality, checkZoneAware } from './locality.ts';
import { checkDuration } from './shared.ts';

const MAGLEV_LIMIT = 5_000_011;

/** Load balancer of a traffic policy (spec/istio.md 2.7). `ejects`: outlier detection is configured beside it. */
export function* checkLoadBalancer(balancer: LoadBalancer | undefined, ejects: boolean, field: Path): Iterable<Finding> {
  if (balancer === undefined) return;
  yield* checkHash(balancer.consistentHash, [...field, 'consistentHash']);
  if (balancer.localityLbSetting !== undefined && balancer.zoneAwareLbSetting !== undefined)
    yield invalid(
      [...field, 'zoneAwareLbSetting'],
      '`localityLbSetting` and `zoneAwareLbSetting` exclude each other',
      'keep one of them',
    );
  yield* checkLocality(balancer.localityLbSetting, ejects, [...field, 'localityLbSetting']);
  if (balancer.zoneAwareLbSetting !== undefined)
    yield* checkZoneAware(balancer.zoneAwareLbSetting, ejects, [...field, 'zoneAwareLbSetting']);
  yield* checkWarmup(balancer, field);
}

function* checkHash(hash: ConsistentHash | undefined, field: Path): Iterable<Finding> {
  if (hash === undefined) return;
  const { httpCookie, maglev, ringHash, minimumRingSize = 0 } = hash;
  if (httpCookie !== undefined) {
    if ((httpCookie.name ?? '') === '') yield missing([...field, 'httpCookie', 'name'], 'the cookie has no name', 'write `name`');
    const names = (httpCookie.attributes ?? []).map((attribute) => attribute.name ?? '');
    for (const [i, name] of names.entries()) {
      const at = [...field, 'httpCookie', 'attributes', i, 'name'];
      if (name === '') yield missing(at, 'a cookie attribute has no name', 'for example SameSite');
      else if (names.indexOf(name) !== i) yield invalid(at, `the attribute ${shown(name)} stands there twice`, 'keep one');
    }
  }
  if (minimumRingSize !== 0) {
    yield warn(
      'INEFFECTIVE',
      [...field, 'minimumRingSize'],
      '`minimumRingSize` here is out of date',
      'write it under `ringHash`',
    );
    if (maglev !== undefined || ringHash !== undefined)
      yield invalid(
        [...field, 'minimumRingSize'],
        '`minimumRingSize` and a hash algorithm exclude each other',
        'keep the algorithm',
      );
  }
  if (maglev === undefined) return;
  const size = maglev.tableSize ?? 0;
  if (size === 0) yield missing([...field, 'maglev', 'tableSize'], 'maglev has no table size', 'for example 65537');
  else if (size >= MAGLEV_LIMIT || !isPrime(size))
    yield invalid([...field, 'maglev', 'tableSize'], `${size} is no prime number below ${MAGLEV_LIMIT}`, 'for example 65537');
}

function* checkWarmup(balancer: LoadBalancer, field: Path): Iterable<Finding> {
  const { warmup, warmupDurationSecs } = balancer;
  yield* checkDuration(warmupDurationSecs, [...field, 'warmupDurationSecs']);
  if (warmup === undefined) return;
  const at = [...field, 'warmup'];
  if (warmup.duration === undefined) yield missing([...at, 'duration'], '`duration` is missing', 'for example 60s');
  yield* checkDuration(warmup.duration, [...at, 'duration']);
  if (warmup.minimumPercent !== undefined && warmup.minimumPercent > 100)
    yield invalid([...at, 'minimumPercent'], `${warmup.minimumPercent} is no percentage`, 'write a number from 0 to 100');
  if (warmup.aggression !== undefined && warmup.aggression <= 0)
    yield invalid([...at, 'aggression'], `${warmup.aggression} is not above 0`, 'leave it out for 1');
}

function isPrime(number: number): boolean {
  if (number < 2) return false;
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}
