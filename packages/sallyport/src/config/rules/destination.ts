import { ipFamily, parseCidr } from '../../lib/ip.ts';
import type { DestinationSpec, ExternalServiceV1 } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { isDnsLabel, notFqdn, notWildcardDomain } from './names.ts';
import type { Rule } from './rule.ts';
import { checkPortNumber } from './shared.ts';

const AT: Path = ['spec', 'externalService'];
const PROTOCOLS = ['HTTP', 'HTTPS', 'GRPC', 'HTTP2', 'MONGO', 'TCP', 'TLS'];

/** Destination of Gloo Mesh v1: what the ServiceEntry made from it could not mean (spec/gloo.md 1.1, recommended rules). */
export const destinationRule: Rule<DestinationSpec> = function* ({ kubeService, externalService }) {
  if (externalService === undefined) {
    yield kubeService === undefined
      ? missing(AT, 'the Destination says nothing', 'write spec: {externalService: {...}}')
      : {
          ...warn(
            'INEFFECTIVE',
            ['spec', 'kubeService'],
            'a Kubernetes Service is read itself, not what Gloo discovered about it',
          ),
          severity: 'info',
        };
    return;
  }
  const { name = '', hosts = [], addresses = [] } = externalService;
  if (name === '') yield missing([...AT, 'name'], 'the external service has no name', 'it becomes the name of the ServiceEntry');
  else if (!isDnsLabel(name))
    yield invalid(
      [...AT, 'name'],
      `${shown(name)} cannot name a ServiceEntry`,
      'use lower-case letters, digits and dashes, at most 63',
    );
  if (hosts.length === 0 && addresses.length === 0)
    yield missing([...AT, 'hosts'], 'there are neither hosts nor addresses', 'name at least one host that clients call');
  yield* checkHosts(hosts);
  yield* checkAddresses(addresses);
  yield* checkPorts(externalService);
  yield* checkEndpoints(externalService);
};

function* checkHosts(hosts: readonly string[]): Iterable<Finding> {
  for (const [i, host] of hosts.entries()) {
    const field = [...AT, 'hosts', i];
    if (host === '*') yield invalid(field, 'a host of "*" would mean every name', 'write a domain, for example "*.example.com"');
    else if (ipFamily(host) !== 0 || parseCidr(host) !== undefined)
      yield invalid(field, `${shown(host)} is an address, not a host`, 'write it under `addresses`');
    else {
      const reason = notWildcardDomain(host);
      if (reason !== undefined) yield invalid(field, `${shown(host)} is no host name: ${reason}`, 'write a DNS name');
    }
  }
}

function* checkAddresses(addresses: readonly string[]): Iterable<Finding> {
  for (const [i, address] of addresses.entries())
    if (ipFamily(address) === 0 && parseCidr(address) === undefined)
      yield invalid(
        [...AT, 'addresses', i],
        `${shown(address)} is neither an IP address nor a CIDR`,
        'for example 10.1.2.3 or 10.1.0.0/16',
      );
}

function* checkPorts({ ports = [] }: ExternalServiceV1): Iterable<Finding> {
  if (ports.length === 0) yield missing([...AT, 'ports'], 'there are no ports', 'name the ports that clients call');
  for (const [i, { number = 0, name = '', protocol = '' }] of ports.entries()) {
    const at = [...AT, 'ports', i];
    yield* checkPortNumber(number, [...at, 'number']);
    const before = ports.slice(0, i);
    if (before.some((port) => port.number === number))
      yield invalid([...at, 'number'], `port ${number} is there twice`, 'keep one of the two');
    if (name === '') yield missing([...at, 'name'], 'the port has no name', 'endpoints refer to it by name');
    else if (!isDnsLabel(name))
      yield invalid([...at, 'name'], `${shown(name)} is no port name`, 'use letters, digits and dashes');
    else if (before.some((port) => port.name === name))
      yield invalid([...at, 'name'], `two ports are called ${shown(name)}`, 'give them different names');
    if (protocol === '') yield missing([...at, 'protocol'], 'the port has no protocol', `one of ${PROTOCOLS.join(', ')}`);
    else if (!PROTOCOLS.includes(protocol.toUpperCase()))
      yield invalid(
        [...at, 'protocol'],
        `${shown(protocol)} is no protocol of an external service`,
        `one of ${PROTOCOLS.join(', ')}`,
      );
  }
}

function* checkEndpoints({ ports = [], endpoints = [] }: ExternalServiceV1): Iterable<Finding> {
  const names = ports.map((port) => port.name);
  for (const [i, { address = '', ports: numbers = {} }] of endpoints.entries()) {
    const at = [...AT, 'endpoints', i];
    const reason = ipFamily(address) === 0 ? notFqdn(address) : undefined;
    if (address === '') yield missing([...at, 'address'], 'the endpoint has no address', 'write an IP address or a DNS name');
    else if (reason !== undefined)
      yield invalid([...at, 'address'], `${shown(address)} is no address: ${reason}`, 'write an IP address or a DNS name');
    for (const [name, number] of Object.entries(numbers)) {
      if (!names.includes(name))
        yield invalid([...at, 'ports', name], `the service has no port ${shown(name)}`, `its ports are ${names.join(', ')}`);
      yield* checkPortNumber(number, [...at, 'ports', name]);
    }
  }
  const families = endpoints.map(({ address = '' }) => ipFamily(address));
  if (families.includes(0) && families.includes(6))
    yield invalid(
      [...AT, 'endpoints'],
      'endpoints contain both IPv6 addresses and host names',
      'use host names only, or addresses only',
    );
}
