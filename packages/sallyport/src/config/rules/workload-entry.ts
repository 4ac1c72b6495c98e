import { ipFamily } from '../../lib/ip.ts';
import type { WorkloadEntrySpec } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { badLabelPair, isDnsLabel, notFqdn } from './names.ts';
import type { Rule } from './rule.ts';
import { checkPortNumber } from './shared.ts';

export const UNIX = 'unix://';

/** WorkloadEntry (spec/istio.md 1.3): an address in some form, or a network to reach it through. */
export const workloadEntryRule: Rule<WorkloadEntrySpec> = function* (spec) {
  yield* checkWorkload(spec, ['spec'], { names: true });
};

/** The rules that a WorkloadEntry shares with an endpoint of a ServiceEntry with resolution STATIC. */
export function* checkWorkload(spec: WorkloadEntrySpec, field: Path, { names }: { readonly names: boolean }): Iterable<Finding> {
  const address = spec.address ?? '';
  const at = [...field, 'address'];
  if (address === '') {
    if ((spec.network ?? '') === '')
      yield missing(at, 'an address or a network is missing', 'write the IP address of the workload');
    else yield warn('UNREACHABLE', at, 'there is no address, only a network: it is reached through the gateway of that network');
  } else if (address.startsWith(UNIX)) {
    yield* checkUnixAddress(address, at);
    if (Object.keys(spec.ports ?? {}).length > 0)
      yield invalid([...field, 'ports'], 'a unix socket has no ports', 'leave `ports` out');
  } else if (ipFamily(address) === 0) {
    const reason = names ? notFqdn(address) : 'a static endpoint needs an address';
    if (reason !== undefined)
      yield invalid(
        at,
        `${shown(address)} is no ${names ? 'address' : 'IP address'}: ${reason}`,
        names ? 'write an IP address or a DNS name' : 'write an IP address, or use resolution DNS',
      );
  }
  yield* checkPortMap(spec.ports, [...field, 'ports']);
  yield* checkLabels(spec.labels, [...field, 'labels']);
}

export function* checkUnixAddress(address: string, at: Path): Iterable<Finding> {
  const path = address.slice(UNIX.length);
  if (!path.startsWith('/') && !path.startsWith('@'))
    yield invalid(
      at,
      `${shown(address)} has no absolute path`,
      'write unix:///path/to/socket, or unix://@name for an abstract socket',
    );
  else if (path.endsWith('/')) yield invalid(at, `${shown(address)} names a directory`, 'name the socket');
}

export function* checkPortMap(ports: WorkloadEntrySpec['ports'], field: Path): Iterable<Finding> {
  for (const [name, number] of Object.entries(ports ?? {})) {
    if (!isDnsLabel(name))
      yield invalid([...field, name], `${shown(name)} is no port name`, 'use letters, digits and dashes, at most 63');
    yield* checkPortNumber(number, [...field, name]);
  }
}

export function* checkLabels(labels: Readonly<Record<string, string>> | undefined, field: Path): Iterable<Finding> {
  const bad = badLabelPair(labels ?? {});
  if (bad !== undefined)
    yield invalid([...field, bad.key], bad.reason, 'use letters, digits, dashes, dots and underscores, at most 63');
}
