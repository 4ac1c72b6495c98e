import { ipFamily } from '../../lib/ip.ts';
import type { OutboundTrafficPolicy, SidecarEgress, SidecarPort, SidecarSpec } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkConnectionPool } from './connection-pool.ts';
import { checkSubsetName } from './destination-rule.ts';
import { HTTP_FAMILY, isDnsLabel, notFqdn, notWildcardDomain, PROTOCOL_NAMES, protocolName, TLS_FAMILY } from './names.ts';
import type { Rule } from './rule.ts';
import { checkServerTls, type ServerTls } from './server-tls.ts';
import { checkPortNumber, checkSelector, warnSelectsAll } from './shared.ts';
import { checkUnixAddress, UNIX } from './workload-entry.ts';

type Ingress = NonNullable<SidecarSpec['ingress']>[number];

/** Sidecar (spec/istio.md 2.7). */
export const sidecarRule: Rule<SidecarSpec> = function* (spec, { namespace }) {
  const { ingress = [], egress = [] } = spec;
  yield* checkSelector(spec.workloadSelector, ['spec', 'workloadSelector']);
  yield* warnSelectsAll(spec.workloadSelector, ['spec', 'workloadSelector'], 'workloads');
  if (
    ingress.length === 0 &&
    egress.length === 0 &&
    spec.outboundTrafficPolicy === undefined &&
    spec.inboundConnectionPool === undefined
  )
    yield missing(
      ['spec'],
      'the Sidecar says nothing',
      'set `egress`, `ingress`, `outboundTrafficPolicy` or `inboundConnectionPool`',
    );
  const ports = new Set<number>();
  for (const [i, listener] of ingress.entries()) yield* checkIngress(listener, ports, ['spec', 'ingress', i]);
  yield* checkConnectionPool(spec.inboundConnectionPool, ['spec', 'inboundConnectionPool']);
  yield* checkEgress(egress, namespace);
  yield* checkOutbound(spec.outboundTrafficPolicy, ['spec', 'outboundTrafficPolicy']);
};

function* checkIngress(listener: Ingress, ports: Set<number>, field: Path): Iterable<Finding> {
  const { port, bind = '' } = listener;
  if (port === undefined) {
    yield missing([...field, 'port'], '`port` is missing', 'write port: {number: 8080, protocol: HTTP, name: http}');
    return;
  }
  const number = port.number ?? 0;
  yield* checkPortParts(port, [...field, 'port']);
  yield* checkPortNumber(number, [...field, 'port', 'number']);
  if (bind !== '' && ipFamily(bind) === 0)
    yield invalid([...field, 'bind'], `${shown(bind)} is no IP address`, 'leave `bind` out for all addresses');
  if (ports.has(number))
    yield invalid([...field, 'port', 'number'], `port ${number} stands there twice`, 'keep one listener for each port');
  ports.add(number);
  yield* checkDefaultEndpoint(listener.defaultEndpoint ?? '', [...field, 'defaultEndpoint']);
  yield* checkConnectionPool(listener.connectionPool, [...field, 'connectionPool']);
  if (listener.connectionPool?.http !== undefined && !HTTP_FAMILY.has((port.protocol ?? '').toLowerCase()))
    yield warn(
      'INEFFECTIVE',
      [...field, 'connectionPool', 'http'],
      `HTTP settings have no effect on a port with protocol ${shown(port.protocol ?? '')}`,
      'use an HTTP protocol, or `tcp` settings only',
    );
  if (listener.tls !== undefined) yield* checkIngressTls(listener.tls, port, [...field, 'tls']);
}

function* checkPortParts({ name = '', protocol = '', targetPort = 0 }: SidecarPort, field: Path): Iterable<Finding> {
  if (targetPort !== 0) yield invalid([...field, 'targetPort'], '`targetPort` has no meaning in a Sidecar', 'leave it out');
  if (name !== '' && !isDnsLabel(name))
    yield invalid([...field, 'name'], `${shown(name)} is no port name`, 'use letters, digits and dashes, at most 63');
  if (protocolName(protocol) === undefined)
    yield invalid([...field, 'protocol'], `${shown(protocol)} is no protocol`, `one of ${PROTOCOL_NAMES}`);
}

const LOCAL_HOSTS: ReadonlySet<string> = new Set(['', '127.0.0.1', '0.0.0.0', '::1', '::']);

function* checkDefaultEndpoint(endpoint: string, field: Path): Iterable<Finding> {
  if (endpoint === '') return;
  if (endpoint.startsWith(UNIX)) {
    yield* checkUnixAddress(endpoint, field);
    return;
  }
  const found = /^(?:\[([^\]]*)\]|([^:[\]]*)):(.*)$/.exec(endpoint);
  const number = Number(found?.[3]);
  if (found === null || !LOCAL_HOSTS.has(found[1] ?? found[2] ?? '') || !/^[-+]?\d+$/.test(found[3]!))
    yield invalid(
      field,
      `${shown(endpoint)} is no local endpoint`,
      '127.0.0.1:8080, 0.0.0.0:8080, [::1]:8080, [::]:8080, :8080 or unix:///path',
    );
  else yield* checkPortNumber(number, field);
}

function* checkIngressTls(tls: ServerTls, port: SidecarPort, field: Path): Iterable<Finding> {
  const unsupported: readonly (keyof ServerTls & string)[] = [
    'subjectAltNames',
    'credentialName',
    'credentialNames',
    'httpsRedirect',
  ];
  for (const name of unsupported) {
    const value = tls[name];
    if (value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0))
      yield invalid([...field, name], `\`${name}\` has no meaning at a sidecar`, 'leave it out');
  }
  if (tls.mode === 'ISTIO_MUTUAL' || tls.mode === 'AUTO_PASSTHROUGH')
    yield invalid([...field, 'mode'], `${tls.mode} is for gateways`, 'use SIMPLE or MUTUAL');
  if (!TLS_FAMILY.has((port.protocol ?? '').toLowerCase()))
    yield invalid(field, `TLS settings on a port with protocol ${shown(port.protocol ?? '')}`, 'use protocol HTTPS or TLS');
  yield* checkServerTls(tls, field);
}

function* checkEgress(egress: readonly SidecarEgress[], namespace: string): Iterable<Finding> {
  const ports = new Set<number>();
  const sockets = new Set<string>();
  for (const [i, listener] of egress.entries()) {
    const field = ['spec', 'egress', i];
    const { port, bind = '' } = listener;
    if (port === undefined) {
      if (i !== egress.length - 1)
        yield invalid(field, 'a listener without `port` is the catch-all and has to be the last', 'move it to the end');
    } else {
      yield* checkEgressPort(listener, port, field);
      const number = port.number ?? 0;
      if (number === 0 ? sockets.has(bind) : ports.has(number))
        yield invalid(
          [...field, 'port'],
          `${number === 0 ? shown(bind) : `port ${number}`} stands there twice`,
          'keep one listener for each',
        );
      if (number === 0) sockets.add(bind);
      else ports.add(number);
    }
    yield* checkEgressHosts(listener.hosts ?? [], namespace, [...field, 'hosts']);
  }
}

function* checkEgressPort(
  { bind = '', captureMode = 'DEFAULT' }: SidecarEgress,
  port: SidecarPort,
  field: Path,
): Iterable<Finding> {
  yield* checkPortParts(port, [...field, 'port']);
  if ((port.number ?? 0) === 0) {
    yield* checkUnixAddress(bind.startsWith(UNIX) ? bind : `${UNIX}${bind}`, [...field, 'bind']);
    if (captureMode === 'IPTABLES')
      yield invalid([...field, 'captureMode'], 'a unix socket cannot be captured by IPTABLES', 'use NONE');
    return;
  }
  yield* checkPortNumber(port.number!, [...field, 'port', 'number']);
  if (bind !== '' && ipFamily(bind) === 0)
    yield invalid(
      [...field, 'bind'],
      `${shown(bind)} is no IP address`,
      'leave `bind` out, or set port number 0 for a unix socket',
    );
}

function* checkEgressHosts(hosts: readonly string[], ownNamespace: string, field: Path): Iterable<Finding> {
  if (hosts.length === 0) yield missing(field, 'an egress listener has no hosts', 'write hosts: ["*/*"] for everything');
  const seen = new Set<string>();
  for (const [i, host] of hosts.entries()) {
    const at = [...field, i];
    const slash = host.indexOf('/');
    if (slash === -1) {
      yield invalid(at, `${shown(host)} has no namespace`, `write "*/${host}" for any namespace or "./${host}" for this one`);
      continue;
    }
    const namespace = host.slice(0, slash).replace(/^~(?=.)/, '');
    const name = host.slice(slash + 1);
    if (!['*', '.', '~'].includes(namespace) && !isDnsLabel(namespace))
      yield invalid(at, `${shown(host)} starts with no namespace`, 'a name, "." for this one, "*" for any, "~" for none');
    const partial = name.length > 1 && name.startsWith('*') && !name.startsWith('*.');
    const reason = name === '' ? 'it is empty' : partial ? 'a wildcard is a whole label' : notWildcardDomain(name);
    if (reason !== undefined)
      yield invalid(at, `${shown(host)} names no host: ${reason}`, 'write namespace/host, for example */api.example.com');
    const full = host.startsWith('./') ? `${ownNamespace}/${name}` : host;
    // A wildcard for the names of a namespace, or for the namespaces of a name, already means this host.
    if (
      seen.has(full) ||
      (!full.startsWith('~') && (seen.has(`${namespaceOf(full)}/*`) || (full !== `*/${name}` && seen.has(`*/${name}`))))
    )
      yield warn('INEFFECTIVE', at, `${shown(host)} is already meant by another host of the list`, 'keep one of the two');
    seen.add(full);
  }
  if (seen.has('*/*') && seen.size > 1 && ![...seen].some((host) => host.startsWith('~')))
    yield warn('INEFFECTIVE', field, '"*/*" already means every host, the others add nothing', 'keep "*/*" or the others');
}

const namespaceOf = (host: string): string => host.slice(0, host.indexOf('/'));

function* checkOutbound(policy: OutboundTrafficPolicy | undefined, field: Path): Iterable<Finding> {
  if (policy === undefined) return;
  if (policy.mode === 'ALLOW_ANY_DYNAMIC_DNS')
    yield invalid(
      [...field, 'mode'],
      'ALLOW_ANY_DYNAMIC_DNS is for the whole mesh only',
      'set it in the mesh configuration, or use ALLOW_ANY',
    );
  const proxy = policy.egressProxy;
  if (proxy === undefined) return;
  const at = [...field, 'egressProxy'];
  if (policy.mode !== 'ALLOW_ANY')
    yield invalid(at, '`egressProxy` is where unknown traffic goes, and the mode lets none pass', 'set mode: ALLOW_ANY');
  const reason = notFqdn(proxy.host ?? '');
  if (reason !== undefined)
    yield invalid(
      [...at, 'host'],
      `${shown(proxy.host ?? '')} is no host name: ${reason}`,
      'write the full name of the egress proxy',
    );
  if ((proxy.subset ?? '') !== '') yield* checkSubsetName(proxy.subset!, [...at, 'subset']);
  if (proxy.port === undefined) yield missing([...at, 'port'], '`port` is missing', 'write port: {number: 80}');
  else yield* checkPortNumber(proxy.port.number ?? 0, [...at, 'port', 'number']);
}
