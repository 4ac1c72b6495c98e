import { ipFamily } from '../../lib/ip.ts';
import type { GatewaySpec, ServerTlsSettings } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { HTTP_FAMILY, isDnsLabel, notWildcardDomain, PROTOCOL_NAMES, protocolName, TLS_FAMILY } from './names.ts';
import type { Rule } from './rule.ts';
import { checkServerTls } from './server-tls.ts';
import { checkPortNumber } from './shared.ts';
import { checkUnixAddress, UNIX } from './workload-entry.ts';

type Server = NonNullable<GatewaySpec['servers']>[number];

/** Set on Gateways that were made from resources of the Gateway API, where `~` means that no route may attach. */
const SEMANTICS = 'internal.istio.io/gateway-semantics';

/** Gateway (spec/istio.md 2.7). */
export const gatewayRule: Rule<GatewaySpec> = function* ({ servers = [] }, { name, annotations }) {
  if (!isDnsLabel(name))
    yield invalid(['metadata', 'name'], `${shown(name)} is no name of a Gateway`, 'use letters, digits and dashes, at most 63');
  if (servers.length === 0)
    yield missing(['spec', 'servers'], 'the Gateway has no server', 'write at least one, with `port` and `hosts`');
  const names = new Set<string>();
  for (const [i, server] of servers.entries()) {
    const field = ['spec', 'servers', i];
    yield* checkHosts(server.hosts ?? [], annotations[SEMANTICS] === 'gateway', [...field, 'hosts']);
    yield* checkBind(server.bind ?? '', [...field, 'bind']);
    if (server.tls !== undefined) yield* checkServerTls(server.tls, [...field, 'tls']);
    yield* checkPort(server, names, [...field, 'port']);
  }
};

function* checkHosts(hosts: readonly string[], translated: boolean, field: Path): Iterable<Finding> {
  if (hosts.length === 0) yield missing(field, 'the server has no hosts', 'name them, or write hosts: ["*"]');
  for (const [i, entry] of hosts.entries()) {
    const [namespace, host, ...rest] = entry.includes('/') ? entry.split('/') : ['*', entry];
    if (namespace === undefined || host === undefined || rest.length > 0) {
      yield invalid([...field, i], `${shown(entry)} is no host of a server`, 'write host or namespace/host');
      continue;
    }
    if (namespace !== '*' && namespace !== '.' && !(namespace === '~' && translated) && !isDnsLabel(namespace))
      yield invalid([...field, i], `${shown(namespace)} is no namespace`, 'write a namespace, "." for this one, or "*" for all');
    yield* checkHost(host, [...field, i]);
  }
}

function* checkHost(host: string, field: Path): Iterable<Finding> {
  if (host === '*' || ipFamily(host) === 4) return;
  const reason = notWildcardDomain(host);
  if (reason !== undefined) yield invalid(field, `${shown(host)} is no host name: ${reason}`, 'write a DNS name, or "*" for all');
  else if (!host.includes('.'))
    yield invalid(field, `${shown(host)} is a short name, which means nothing outside`, 'write the full name, or "*" for all');
  else if (host.startsWith('*') && !host.startsWith('*.'))
    yield invalid(field, `${shown(host)} is a wildcard for a part of a label`, 'write *.example.com, or each name');
}

function* checkBind(bind: string, field: Path): Iterable<Finding> {
  if (bind.startsWith(UNIX)) yield* checkUnixAddress(bind, field);
  else if (bind !== '' && ipFamily(bind) === 0)
    yield invalid(field, `${shown(bind)} is no IP address`, 'leave `bind` out for all addresses');
}

function* checkPort({ port, bind = '', tls }: Server, names: Set<string>, field: Path): Iterable<Finding> {
  if (port === undefined) {
    yield missing(field, '`port` is missing', 'write port: {number: 443, protocol: HTTPS, name: https}');
    return;
  }
  const { number = 0, protocol = '', name = '', targetPort = 0 } = port;
  const known = protocolName(protocol);
  if (known === undefined || known === '')
    yield invalid([...field, 'protocol'], `${shown(protocol)} is no protocol of a server`, `one of ${PROTOCOL_NAMES}`);
  if (!bind.startsWith(UNIX)) yield* checkPortNumber(number, [...field, 'number']);
  else if (number !== 0) yield invalid([...field, 'number'], 'a unix socket has no port', 'write number: 0');
  if (name === '') yield missing([...field, 'name'], 'the port has no name', 'name it, for example https');
  if (targetPort !== 0) yield invalid([...field, 'targetPort'], '`targetPort` has no meaning in a Gateway', 'leave it out');
  if (names.has(name))
    yield invalid([...field, 'name'], `the port name ${shown(name)} stands there twice`, 'give every server another one');
  names.add(name);
  if (known !== undefined) yield* checkTlsFits(known, tls, field);
}

function* checkTlsFits(protocol: string, tls: ServerTlsSettings | undefined, port: Path): Iterable<Finding> {
  const field = [...port.slice(0, -1), 'tls'];
  if (tls?.httpsRedirect === true && !HTTP_FAMILY.has(protocol))
    yield warn('INEFFECTIVE', [...field, 'httpsRedirect'], 'only a server for plain HTTP can redirect to https', 'leave it out');
  if (TLS_FAMILY.has(protocol)) {
    if (tls === undefined)
      yield missing(
        field,
        `a server for ${protocol.toUpperCase()} needs \`tls\``,
        'write tls: {mode: SIMPLE, credentialName: …}',
      );
    return;
  }
  if (tls === undefined) return;
  if (!HTTP_FAMILY.has(protocol))
    yield invalid(field, `TLS settings on a port with protocol ${shown(protocol)}`, 'use protocol HTTPS or TLS');
  else if (opensTls(tls))
    yield invalid(field, 'TLS settings on a port for plain HTTP', 'use protocol HTTPS, or only httpsRedirect: true');
}

function opensTls({ mode = 'PASSTHROUGH', serverCertificate = '', privateKey = '', caCertificates = '' }: ServerTlsSettings) {
  const opened = mode !== 'PASSTHROUGH' && mode !== 'AUTO_PASSTHROUGH';
  return opened || serverCertificate !== '' || privateKey !== '' || caCertificates !== '';
}
