import type { GatewayListener, ListenerTls, VirtualGatewaySpec } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkGlooPort, checkWorkloads } from './gloo-selectors.ts';
import { isDnsLabel, notWildcardDomain } from './names.ts';
import type { Rule } from './rule.ts';

const HTTP = ['GRPC', 'GRPC-WEB', 'HTTP', 'HTTP_PROXY', 'HTTP2'];
const TCP = ['TCP', 'MONGO', 'REDIS', 'MYSQL'];

/** VirtualGateway (spec/gloo.md 2.7, and the rules in Gloo's own definition of the kind). */
export const virtualGatewayRule: Rule<VirtualGatewaySpec> = function* ({ workloads, listeners = [] }) {
  yield* checkWorkloads(workloads, ['spec', 'workloads']);
  if (listeners.length === 0)
    yield missing(['spec', 'listeners'], 'the gateway has no listener', 'write at least one, with `port`');
  for (const [i, listener] of listeners.entries()) yield* checkListener(listener, ['spec', 'listeners', i]);
};

function* checkListener(listener: GatewayListener, field: Path): Iterable<Finding> {
  if (listener.port === undefined) yield missing([...field, 'port'], '`port` is missing', 'write port: {number: 443}');
  yield* checkGlooPort(listener.port, [...field, 'port']);
  if (listener.http !== undefined && listener.tcp !== undefined)
    yield invalid([...field, 'tcp'], '`http` and `tcp` exclude each other', 'keep one of them');
  if (listener.tls !== undefined && listener.httpsRedirect !== undefined)
    yield invalid([...field, 'httpsRedirect'], '`tls` and `httpsRedirect` exclude each other', 'keep one of them');
  if (listener.httpsRedirect === true && listener.http === undefined)
    yield invalid([...field, 'httpsRedirect'], 'only a listener for HTTP can redirect', 'add http: {}');
  yield* checkProtocol(listener, field);
  if (listener.tls !== undefined) yield* checkTls(listener.tls, [...field, 'tls']);
  for (const [i, { host, allowedRoutes = [] }] of (listener.allowedRouteTables ?? []).entries()) {
    yield* checkFilter(host, [...field, 'allowedRouteTables', i, 'host']);
    if (allowedRoutes.length > 0)
      yield warn(
        'INEFFECTIVE',
        [...field, 'allowedRouteTables', i, 'allowedRoutes'],
        'the filter is for routes to cloud functions, and there are none here',
        'leave it out',
      );
  }
  for (const [i, { host }] of (listener.exposedExternalServices ?? []).entries())
    yield* checkFilter(host, [...field, 'exposedExternalServices', i, 'host']);
}

function* checkProtocol({ appProtocol, http, tls }: GatewayListener, field: Path): Iterable<Finding> {
  const protocol = appProtocol?.toUpperCase();
  const allowed = http !== undefined ? (tls !== undefined ? ['HTTPS'] : HTTP) : tls !== undefined ? ['TLS'] : TCP;
  if (protocol === undefined || protocol === '' || allowed.includes(protocol)) return;
  const kind = `${http !== undefined ? 'an http' : 'a tcp'} listener ${tls !== undefined ? 'with' : 'without'} \`tls\``;
  yield invalid(
    [...field, 'appProtocol'],
    `${shown(appProtocol)} does not fit ${kind}`,
    `one of ${allowed.join(', ')}, or leave it out`,
  );
}

function* checkTls(
  { mode = 'PASSTHROUGH', secretName, files, verifySubjectAltName = [], parameters }: ListenerTls,
  field: Path,
): Iterable<Finding> {
  if (secretName !== undefined && files !== undefined)
    yield invalid([...field, 'files'], '`secretName` and `files` exclude each other', 'keep one of them');
  if (mode === 'ISTIO_MUTUAL')
    for (const part of ['secretName', 'files'] as const)
      if ((part === 'files' ? files : secretName) !== undefined)
        yield invalid([...field, part], `with ISTIO_MUTUAL the certificate is the workload's own`, `leave \`${part}\` out`);
  if (mode === 'SIMPLE' || mode === 'MUTUAL') {
    const needed =
      mode === 'MUTUAL' ? (['serverCert', 'privateKey', 'caCerts'] as const) : (['serverCert', 'privateKey'] as const);
    if (secretName === undefined && files === undefined)
      yield missing([...field, 'secretName'], `${mode} needs a certificate`, 'write `secretName`, or `files`');
    for (const part of files === undefined ? [] : needed)
      if ((files?.[part] ?? '') === '')
        yield missing([...field, 'files', part], `\`${part}\` is missing`, `${mode} needs ${needed.join(', ')}`);
  }
  if (verifySubjectAltName.length > 0 && mode !== 'MUTUAL')
    yield warn(
      'INEFFECTIVE',
      [...field, 'verifySubjectAltName'],
      `clients show no certificate of their own with ${mode}`,
      'use MUTUAL',
    );
  const lowest = parameters?.minimumProtocolVersion;
  if ((lowest === 'TLSv1_0' || lowest === 'TLSv1_1') && (parameters?.cipherSuites ?? []).length === 0)
    yield missing(
      [...field, 'parameters', 'cipherSuites'],
      `${lowest} needs \`cipherSuites\`: the usual ones are newer`,
      'name them, or use TLSv1_2',
    );
}

/** `[namespace/]host` of a filter. */
function* checkFilter(text: string | undefined, field: Path): Iterable<Finding> {
  if (text === undefined || text === '') {
    yield missing(field, '`host` is missing', 'write host: "*.example.com"');
    return;
  }
  const parts = text.split('/');
  const [namespace, host] = parts.length === 1 ? ['*', parts[0]!] : [parts[0]!, parts[1]!];
  if (parts.length > 2 || (namespace !== '*' && namespace !== '.' && !isDnsLabel(namespace)))
    yield invalid(field, `${shown(text)} is no host with a namespace`, 'write host, or namespace/host');
  const reason = host === '*' ? undefined : notWildcardDomain(host);
  if (reason !== undefined) yield invalid(field, `${shown(host)} is no host name: ${reason}`, 'write a DNS name, or "*" for all');
}
