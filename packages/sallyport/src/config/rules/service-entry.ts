import { ipFamily, parseCidr } from '../../lib/ip.ts';
import type { ServiceEntrySpec, ServicePortSpec, WorkloadEntrySpec } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import {
  HTTP_FAMILY,
  isDnsLabel,
  notFqdn,
  notWildcardDomain,
  PROTOCOL_NAMES,
  protocolName,
  TCP_FAMILY,
  TLS_FAMILY,
} from './names.ts';
import type { Rule, Subject } from './rule.ts';
import { checkExportTo, checkPortNumber, checkSelector, warnSelectsAll } from './shared.ts';
import { checkLabels, checkPortMap, checkWorkload, UNIX } from './workload-entry.ts';

const OPT_OUT_LABEL = 'networking.istio.io/enable-autoallocate-ip';
const DYNAMIC_PROTOCOLS = new Set(['http', 'http2', 'grpc', 'tls']);

/** ServiceEntry (spec/istio.md 1.3; the numbers in comments are its). */
export const serviceEntryRule: Rule<ServiceEntrySpec> = function* (spec, subject) {
  const selector = [...checkSelector(spec.workloadSelector, ['spec', 'workloadSelector'])];
  yield* selector;
  if (selector.length > 0) return; // 1: nothing else is looked at
  yield* warnSelectsAll(spec.workloadSelector, ['spec', 'workloadSelector'], 'workloads');
  if (spec.workloadSelector !== undefined && (spec.endpoints ?? []).length > 0)
    yield invalid(['spec', 'endpoints'], 'endpoints are given and selected at once', 'keep `endpoints` or `workloadSelector`'); // 2
  yield* checkHosts(spec);
  yield* checkAddresses(spec);
  yield* checkPorts(spec);
  yield* checkEndpoints(spec, subject);
  yield* checkManyHosts(spec);
  yield* checkExportTo(spec.exportTo, subject.namespace, { nobody: true }); // 15
  yield* warnings(spec, subject);
};

function* checkHosts({ hosts = [] }: ServiceEntrySpec): Iterable<Finding> {
  if (hosts.length === 0) yield missing(['spec', 'hosts'], '`hosts` is missing', 'name at least one host that clients call'); // 3
  for (const [i, host] of hosts.entries()) {
    const field = ['spec', 'hosts', i];
    if (host === '*')
      yield invalid(field, 'a host of "*" would mean every name', 'write a domain, for example "*.example.com"'); // 4
    else {
      const reason = notWildcardDomain(host);
      if (reason !== undefined) yield invalid(field, `${shown(host)} is no host name: ${reason}`, hostHint(host)); // 5
    }
  }
}

function hostHint(host: string): string {
  if (/^https?:\/\//.test(host)) return 'leave the scheme and the path out';
  if (host.includes(':')) return 'leave the port out; ports stand under `ports`';
  if (ipFamily(host) !== 0) return 'write IP addresses under `addresses` and choose a name for `hosts`';
  return 'write a DNS name, for example api.example.com or "*.example.com"';
}

function* checkAddresses({ addresses = [], resolution = 'NONE' }: ServiceEntrySpec): Iterable<Finding> {
  for (const [i, address] of addresses.entries()) {
    const field = ['spec', 'addresses', i];
    const prefix = address.includes('/');
    if (prefix ? parseCidr(address) === undefined : ipFamily(address) === 0)
      yield invalid(field, `${shown(address)} is neither an IP address nor a CIDR`, 'for example 10.1.2.3 or 10.1.0.0/16'); // 6
    if (prefix && resolution !== 'NONE' && resolution !== 'STATIC')
      yield invalid(
        field,
        `a CIDR has no meaning with resolution ${resolution}`,
        'write single addresses, or use NONE or STATIC',
      ); // 7
  }
}

function* checkPorts({ ports = [] }: ServiceEntrySpec): Iterable<Finding> {
  const names = new Set<string>();
  const numbers = new Set<number>();
  for (const [i, port] of ports.entries()) {
    const field = ['spec', 'ports', i];
    const { name = '', number = 0, protocol = '', targetPort = 0 }: Partial<ServicePortSpec> = port;
    if (names.has(name)) yield invalid([...field, 'name'], `two ports are named ${shown(name)}`, 'give every port its own name'); // 8
    if (numbers.has(number)) yield invalid([...field, 'number'], `port ${number} stands there twice`, 'keep one of them');
    names.add(name);
    numbers.add(number);
    yield* checkPortNumber(number, [...field, 'number']);
    if (targetPort !== 0) yield* checkPortNumber(targetPort, [...field, 'targetPort']);
    if (!isDnsLabel(name))
      yield invalid(
        [...field, 'name'],
        name === '' ? 'a port has no name' : `${shown(name)} is no port name`,
        'use letters, digits and dashes, at most 63',
      );
    if (protocolName(protocol) === undefined)
      yield invalid([...field, 'protocol'], `${shown(protocol)} is no protocol`, `one of ${PROTOCOL_NAMES}`);
  }
}

function* checkEndpoints(spec: ServiceEntrySpec, subject: Subject): Iterable<Finding> {
  const resolution: string = spec.resolution ?? 'NONE';
  const endpoints = spec.endpoints ?? [];
  switch (resolution) {
    case 'NONE':
      if (endpoints.length > 0)
        yield invalid(
          ['spec', 'endpoints'],
          'endpoints have no meaning with resolution NONE',
          'use STATIC for IP addresses or DNS for names',
        ); // 9
      return;
    case 'STATIC':
      for (const [i, endpoint] of endpoints.entries()) yield* checkStaticEndpoint(spec, endpoint, ['spec', 'endpoints', i]); // 10
      return;
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      yield* checkDns(spec, endpoints); // 11
      return;
    case 'DYNAMIC_DNS':
      yield* checkDynamicDns(spec, endpoints, subject); // 12
  }
}

function* checkStaticEndpoint(spec: ServiceEntrySpec, endpoint: WorkloadEntrySpec, field: Path): Iterable<Finding> {
  yield* checkWorkload(endpoint, field, { names: false });
  if ((endpoint.address ?? '').startsWith(UNIX) && spec.ports?.length !== 1)
    yield invalid([...field, 'address'], 'a unix socket serves one port, and the entry has not exactly one', 'keep one port');
  yield* checkPortsKnown(spec, endpoint, field);
}

function* checkPortsKnown(spec: ServiceEntrySpec, endpoint: WorkloadEntrySpec, field: Path): Iterable<Finding> {
  const known = new Set((spec.ports ?? []).map((port) => port.name));
  for (const name of Object.keys(endpoint.ports ?? {}))
    if (!known.has(name))
      yield invalid([...field, 'ports', name], `the entry has no port named ${shown(name)}`, `one of ${[...known].join(', ')}`);
}

function* checkDns(spec: ServiceEntrySpec, endpoints: readonly WorkloadEntrySpec[]): Iterable<Finding> {
  if (endpoints.length === 0) {
    const bad = (spec.hosts ?? []).findIndex((host) => notFqdn(host) !== undefined);
    const host = spec.hosts?.[bad];
    if (host !== undefined && notWildcardDomain(host) === undefined)
      yield invalid(
        ['spec', 'hosts', bad],
        `${shown(host)} cannot be resolved: without endpoints every host needs a full name`,
        'name endpoints, or use resolution NONE or DYNAMIC_DNS',
      );
  }
  if (spec.resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1)
    yield invalid(
      ['spec', 'endpoints', 1],
      `DNS_ROUND_ROBIN takes one endpoint, found ${endpoints.length}`,
      'use resolution DNS',
    );
  for (const [i, endpoint] of endpoints.entries()) {
    const field = ['spec', 'endpoints', i];
    const address = endpoint.address ?? '';
    if (ipFamily(address) === 0) {
      const reason = notFqdn(address);
      if (reason !== undefined)
        yield invalid(
          [...field, 'address'],
          `${shown(address)} is neither an IP address nor a DNS name: ${reason}`,
          'leave scheme, port and path out',
        );
    }
    yield* checkLabels(endpoint.labels, [...field, 'labels']);
    yield* checkPortMap(endpoint.ports, [...field, 'ports']);
    yield* checkPortsKnown(spec, endpoint, field);
  }
}

function* checkDynamicDns(spec: ServiceEntrySpec, endpoints: readonly WorkloadEntrySpec[], subject: Subject): Iterable<Finding> {
  for (const [i, host] of (spec.hosts ?? []).entries())
    if (!host.includes('*'))
      yield invalid(['spec', 'hosts', i], `DYNAMIC_DNS resolves wildcards only, found ${shown(host)}`, 'use resolution DNS');
  if ((spec.addresses ?? []).length > 0)
    yield invalid(['spec', 'addresses'], 'addresses have no meaning with DYNAMIC_DNS', 'leave them out');
  if (endpoints.length > 0)
    yield invalid(['spec', 'endpoints'], 'endpoints have no meaning with DYNAMIC_DNS', 'leave them out, or use DNS');
  for (const [i, port] of (spec.ports ?? []).entries())
    if (!DYNAMIC_PROTOCOLS.has((port.protocol ?? '').toLowerCase()))
      yield invalid(
        ['spec', 'ports', i, 'protocol'],
        `DYNAMIC_DNS reads the name from the call, which ${shown(port.protocol ?? '')} does not show`,
        'one of HTTP, HTTP2, GRPC, TLS',
      );
  const waypoint = subject.labels['istio.io/use-waypoint'] ?? '';
  if (spec.location === 'MESH_INTERNAL' && waypoint !== '' && waypoint !== 'none')
    yield invalid(['spec', 'location'], 'a DYNAMIC_DNS entry behind a waypoint cannot be MESH_INTERNAL', 'use MESH_EXTERNAL');
}

function* checkManyHosts({ hosts = [], ports = [], resolution = 'NONE' }: ServiceEntrySpec): Iterable<Finding> {
  if (resolution === 'NONE' || hosts.length < 2) return;
  const mute = ports.findIndex(
    ({ protocol = '' }) => !HTTP_FAMILY.has(protocol.toLowerCase()) && !TLS_FAMILY.has(protocol.toLowerCase()),
  );
  if (mute !== -1)
    yield invalid(
      ['spec', 'ports', mute, 'protocol'],
      'several hosts share this port, and its protocol does not say which of them is called',
      'use an HTTP or TLS protocol, or one entry for each host',
    ); // 14
}

function* warnings(spec: ServiceEntrySpec, subject: Subject): Iterable<Finding> {
  const { hosts = [], addresses = [], ports = [], resolution = 'NONE' } = spec;
  if (resolution !== 'DYNAMIC_DNS')
    for (const [i, host] of hosts.entries())
      if (host.includes('*') && host.length > 1 && !host.startsWith('*.'))
        yield warn(
          'UNREACHABLE',
          ['spec', 'hosts', i],
          `${shown(host)} is a partial wildcard, which proxies do not match`,
          'let the wildcard be a whole label, for example "*.example.com"',
        );
  const optedOut = subject.labels[OPT_OUT_LABEL]?.toLowerCase() === 'false';
  const allocated = resolution !== 'NONE' && !optedOut;
  if (addresses.length === 0 && !allocated)
    for (const [i, { protocol = '' }] of ports.entries())
      if (protocol === '' || protocol === 'TCP')
        yield warn(
          'NO_ADDRESS',
          ['spec', 'ports', i],
          'this TCP port has no address to be told apart by: it takes all traffic to the port',
          'declare addresses, or a protocol that names its host',
        );
  if (spec.workloadSelector !== undefined && resolution === 'NONE')
    yield warn(
      'INEFFECTIVE',
      ['spec', 'workloadSelector'],
      'workloads are not selected with resolution NONE',
      'use resolution STATIC',
    );
  const tcp = ports.some(({ protocol = '' }) => TCP_FAMILY.has(protocol.toLowerCase()));
  if ((resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN') && addresses.length > 0 && tcp && hosts.length > 1)
    yield warn(
      'UNREACHABLE',
      ['spec', 'hosts'],
      'several hosts share addresses on a TCP port, so all of them lead to the first',
      'write one entry for each host',
    );
}
