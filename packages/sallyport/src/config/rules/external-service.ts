import { ipFamily, parseCidr } from '../../lib/ip.ts';
import type { ExternalServicePort, ExternalServiceSpec } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkClientTls } from './client-tls.ts';
import { checkGlooProtocol, checkUniquePorts, checkUniqueTexts } from './gloo-ports.ts';
import { checkGlooPort } from './gloo-selectors.ts';
import { notWildcardDomain } from './names.ts';
import type { Rule } from './rule.ts';
import { checkPortNumber } from './shared.ts';

const THROUGH_GATEWAY: ReadonlySet<string> = new Set(['HTTP', 'HTTP2', 'HTTPS']);
const PORT_MATCH = 80;

/** ExternalService: what its schema says in prose (spec/gloo.md 2.2, 2.5, 2.7). */
export const externalServiceRule: Rule<ExternalServiceSpec> = function* (spec, { namespace }) {
  const { hosts = [], addresses = [], ports = [], subjectAltNames = [] } = spec;
  if (hosts.length > 0 && addresses.length > 0)
    yield invalid(
      ['spec', 'addresses'],
      '`hosts` and `addresses` stand in one ExternalService',
      'write an ExternalService for the host names and another one for the addresses',
    );
  if (hosts.length === 0 && addresses.length === 0)
    yield missing(
      ['spec', 'hosts'],
      '`hosts` and `addresses` are missing',
      'name the hosts, or the addresses, that clients call',
    );
  yield* checkHosts(hosts);
  yield* checkAddresses(addresses);
  if (ports.length === 0)
    yield missing(['spec', 'ports'], '`ports` is missing', 'for example ports: [{number: 443, name: tls, protocol: TLS}]');
  yield* checkUniquePorts(ports, ['spec', 'ports']);
  for (const [i, port] of ports.entries()) yield* checkPort(port, spec, namespace, ['spec', 'ports', i]);
  yield* checkPortMatches(spec);
  if (subjectAltNames.length > 0 && !ports.some(originatesTls))
    yield warn(
      'INEFFECTIVE',
      ['spec', 'subjectAltNames'],
      'names in certificates are compared only where TLS is originated, and no port has `clientsideTls`',
      'add `clientsideTls` to a port, or leave the names out',
    );
};

function* checkHosts(hosts: readonly string[]): Iterable<Finding> {
  for (const [i, host] of hosts.entries()) {
    const field = ['spec', 'hosts', i];
    const reason = notWildcardDomain(host);
    if (host === '*') yield invalid(field, 'a host of "*" would mean every name', 'write a domain, for example "*.example.com"');
    else if (ipFamily(host) !== 0 || parseCidr(host) !== undefined)
      yield invalid(field, `${shown(host)} is an address, not a host name`, 'write it under `addresses`');
    else if (reason !== undefined) yield invalid(field, `${shown(host)} is no host name: ${reason}`, hostHint(host));
    else if (host.includes('*') && !host.startsWith('*.'))
      yield invalid(
        field,
        `in ${shown(host)} the wildcard is part of a label`,
        'let it be the whole first label, as in "*.example.com"',
      );
  }
  yield* checkUniqueTexts(hosts, ['spec', 'hosts']);
}

function hostHint(host: string): string {
  if (/^https?:\/\//.test(host)) return 'leave the scheme and the path out';
  if (host.slice(1).includes('*')) return 'a wildcard can only be the first label, as in "*.example.com"';
  return host.includes(':') ? 'leave the port out; ports stand under `ports`' : 'write a DNS name, for example api.example.com';
}

function* checkAddresses(addresses: readonly string[]): Iterable<Finding> {
  for (const [i, address] of addresses.entries())
    if (address.includes('/') ? parseCidr(address) === undefined : ipFamily(address) === 0)
      yield invalid(
        ['spec', 'addresses', i],
        `${shown(address)} is neither an IP address nor a CIDR`,
        'for example 10.1.2.3 or 10.1.0.0/16; host names stand under `hosts`',
      );
  yield* checkUniqueTexts(addresses, ['spec', 'addresses']);
}

function* checkPort(port: ExternalServicePort, spec: ExternalServiceSpec, namespace: string, field: Path): Iterable<Finding> {
  yield* checkGlooProtocol(port.protocol, [...field, 'protocol']);
  yield* checkGlooPort(port.targetPort, [...field, 'targetPort']);
  if (port.targetPort?.name !== undefined && Object.keys(spec.selector ?? {}).length === 0)
    yield invalid(
      [...field, 'targetPort', 'name'],
      'a port can be chosen by name only on ExternalEndpoints, and none are selected',
      'write targetPort: {number: ...}, or select endpoints with `selector`',
    );
  yield* checkTls(port, spec, namespace, field);
  yield* checkEgressRoutes(port, spec, [...field, 'egressGatewayRoutes']);
}

function originatesTls({ clientsideTls }: ExternalServicePort): boolean {
  return clientsideTls !== undefined && clientsideTls.mode !== 'DISABLE';
}

function* checkTls(port: ExternalServicePort, spec: ExternalServiceSpec, namespace: string, field: Path): Iterable<Finding> {
  const tls = port.clientsideTls;
  if (tls === undefined) return;
  const at = [...field, 'clientsideTls'];
  const { mode = 'SIMPLE' } = tls;
  if (mode === 'ISTIO_MUTUAL')
    for (const name of ['clientCertificate', 'privateKey', 'caCertificates', 'credentialName'] as const)
      if ((tls[name] ?? '') !== '')
        yield invalid(
          [...at, name],
          `with ISTIO_MUTUAL the mesh issues the certificates, and \`${name}\` is given`,
          'leave it out',
        );
  const subjectAltNames = spec.subjectAltNames ?? [];
  yield* checkClientTls({ ...tls, mode, subjectAltNames }, namespace, at);
  const gateway = port.egressGatewayRoutes !== undefined;
  if (originatesTls(port) && !gateway && ['HTTPS', 'TLS'].includes((port.protocol ?? '').toUpperCase()))
    yield {
      ...warn(
        'TLS_NOT_DECLARED',
        at,
        `port ${port.number} says that clients speak TLS, and TLS is originated for it: a client that does gets TLS inside TLS`,
        'for clients that speak plain HTTP write number: 80, protocol: HTTP and targetPort: {number: 443}; for clients that speak TLS leave `clientsideTls` out',
      ),
      severity: 'info',
    };
}

function* checkEgressRoutes(port: ExternalServicePort, spec: ExternalServiceSpec, field: Path): Iterable<Finding> {
  const routes = port.egressGatewayRoutes;
  if (routes === undefined) return;
  if ((spec.addresses ?? []).length > 0)
    yield invalid(field, 'an egress gateway tells services apart by host name, and this one has addresses', 'use `hosts`');
  if (!THROUGH_GATEWAY.has((port.protocol ?? '').toUpperCase()))
    yield invalid(
      field,
      `${shown(port.protocol ?? '')} does not go through an egress gateway`,
      'use protocol HTTP, HTTP2 or HTTPS',
    );
  if (routes.portMatch !== undefined) yield* checkPortNumber(routes.portMatch, [...field, 'portMatch']);
  if ((routes.virtualGatewayRefs ?? []).length === 0)
    yield missing([...field, 'virtualGatewayRefs'], 'no gateway is named', 'name the VirtualGateways to leave through');
}

/** `portMatch` is unique, and better none of the service's own ports. */
function* checkPortMatches({ ports = [] }: ExternalServiceSpec): Iterable<Finding> {
  const numbers = new Set(ports.map((port) => port.number));
  const seen = new Set<number>();
  for (const [i, { egressGatewayRoutes: routes, number }] of ports.entries()) {
    if (routes === undefined) continue;
    const field = ['spec', 'ports', i, 'egressGatewayRoutes', 'portMatch'];
    const match = routes.portMatch ?? PORT_MATCH;
    if (seen.has(match)) yield invalid(field, `two ports take over the calls to port ${match}`, 'give each its own `portMatch`');
    seen.add(match);
    if (match !== number && numbers.has(match))
      yield warn(
        'PORT_CONFLICT',
        field,
        `${match} is also a port of the service, so that calls to it may pass the gateway by`,
        'use another port',
      );
  }
}
