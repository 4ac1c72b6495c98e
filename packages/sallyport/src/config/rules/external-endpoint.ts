import { ipFamily } from '../../lib/ip.ts';
import type { ExternalEndpointSpec } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import { checkUniquePorts } from './gloo-ports.ts';
import { notFqdn } from './names.ts';
import type { Rule } from './rule.ts';
import { checkUnixAddress, UNIX } from './workload-entry.ts';

/** ExternalEndpoint: what its schema says in prose (spec/gloo.md 2.3). */
export const externalEndpointRule: Rule<ExternalEndpointSpec> = function* ({ address = '', ports = [], locality }, { labels }) {
  yield* checkAddress(address);
  yield* checkUniquePorts(ports, ['spec', 'ports']);
  if (ports.length > 1)
    for (const [i, { name = '' }] of ports.entries())
      if (name === '') yield missing(['spec', 'ports', i, 'name'], 'one of several ports has no name', 'name every port');
  const { region = '', zone = '', subZone = '' } = locality ?? {};
  if ((region === '' && zone !== '') || (zone === '' && subZone !== ''))
    yield invalid(
      ['spec', 'locality'],
      'a locality has a part without the one around it',
      'write region, then zone, then subZone',
    );
  if (Object.keys(labels).length === 0)
    yield warn('INEFFECTIVE', ['metadata'], 'the endpoint has no labels, so that no ExternalService can select it', 'add labels');
};

function* checkAddress(address: string): Iterable<Finding> {
  const field = ['spec', 'address'];
  if (address === '') yield missing(field, '`address` is missing', 'write an IP address or a DNS name');
  else if (address.startsWith(UNIX)) yield* checkUnixAddress(address, field);
  else if (ipFamily(address) === 0) {
    const reason = notFqdn(address);
    if (reason !== undefined)
      yield invalid(
        field,
        `${shown(address)} is neither an IP address nor a DNS name: ${reason}`,
        address.includes('/')
          ? 'an endpoint is one address; a CIDR stands in `addresses` of an ExternalService'
          : 'leave scheme, port and path out',
      );
  }
}
