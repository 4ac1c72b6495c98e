import type { VirtualDestinationSpec } from '../../model/index.ts';
import { type Finding, invalid, missing, shown } from '../finding.ts';
import { checkGlooProtocol, checkUniquePorts, checkUniqueTexts } from './gloo-ports.ts';
import { checkGlooPort } from './gloo-selectors.ts';
import { notFqdn } from './names.ts';
import type { Rule } from './rule.ts';

/** VirtualDestination: what its schema says in prose (spec/gloo.md 2.8). */
export const virtualDestinationRule: Rule<VirtualDestinationSpec> = function* (spec) {
  const { hosts = [], ports = [] } = spec;
  const backed = [spec.services, spec.externalServices, spec.externalWorkloads].some((list) => (list ?? []).length > 0);
  if (hosts.length === 0)
    yield missing(['spec', 'hosts'], '`hosts` is missing', 'name the host that clients call, for example db.mesh.internal');
  for (const [i, host] of hosts.entries()) yield* checkHost(host, i);
  yield* checkUniqueTexts(hosts, ['spec', 'hosts']);
  if (ports.length === 0)
    yield missing(['spec', 'ports'], '`ports` is missing', 'for example ports: [{number: 80, protocol: HTTP}]');
  yield* checkUniquePorts(ports, ['spec', 'ports']);
  for (const [i, port] of ports.entries()) {
    yield* checkGlooProtocol(port.protocol, ['spec', 'ports', i, 'protocol']);
    yield* checkGlooPort(port.targetPort, ['spec', 'ports', i, 'targetPort']);
    if (port.targetPort !== undefined && !backed)
      yield invalid(
        ['spec', 'ports', i, 'targetPort'],
        'there is nothing behind this destination that could have a target port',
        'select `services` or `externalServices`, or leave it out',
      );
  }
};

function* checkHost(host: string, i: number): Iterable<Finding> {
  const reason = host.includes('*') ? 'it has a wildcard' : notFqdn(host);
  if (reason !== undefined)
    yield invalid(
      ['spec', 'hosts', i],
      `${shown(host)} cannot be the host of a VirtualDestination: ${reason}`,
      'write a full DNS name',
    );
}
