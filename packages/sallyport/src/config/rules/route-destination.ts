import type { Destination } from '../../model/index.ts';
import { type Finding, invalid, missing, shown } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkSubsetName } from './destination-rule.ts';
import { notWildcardDomain } from './names.ts';
import { checkPortNumber } from './shared.ts';

/** Where a route leads (spec/istio.md 2.7). */
export function* checkDestination(destination: Destination | undefined, field: Path): Iterable<Finding> {
  if (destination === undefined) return;
  const host = destination.host ?? '';
  const reason = host === '*' ? 'a wildcard is no destination' : notWildcardDomain(host);
  if (host === '') yield missing([...field, 'host'], '`host` is missing', 'name the host that calls go to');
  else if (reason !== undefined)
    yield invalid(
      [...field, 'host'],
      `${shown(host)} is no destination: ${reason}`,
      'name a host of a ServiceEntry or a Service',
    );
  if ((destination.subset ?? '') !== '') yield* checkSubsetName(destination.subset!, [...field, 'subset']);
  if (destination.port !== undefined) yield* checkPortNumber(destination.port.number ?? 0, [...field, 'port', 'number']);
}

export function* checkWeights(routes: readonly { readonly weight?: number }[], field: Path): Iterable<Finding> {
  let total = 0;
  for (const [i, { weight = 0 }] of routes.entries()) {
    if (weight < 0) yield invalid([...field, i, 'weight'], `${weight} is negative`, 'write 0 or more');
    total += weight;
  }
  if (routes.length > 1 && total === 0)
    yield invalid(field, 'the weights of the destinations add up to 0', 'give every destination its share');
}
