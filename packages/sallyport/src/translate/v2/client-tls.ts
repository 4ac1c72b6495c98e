import { isWildcard } from '../../lib/host.ts';
import type { ClientTls, ClientTlsPolicySpec, ConfigObject } from '../../model/index.ts';
import { copied, type Marked, took } from '../sourced.ts';
import type { ExternalDestination, ExternalPort } from './external-service.ts';

/**
 * TLS that an ExternalService has originated for a port (spec/gloo.md 2.4, rule 8). The name shown to the server is the one given, else the
 * host of the rule; behind a wildcard it is the name that was called.
 */
export function clientsideTls(
  { object, endpoints, hosts }: ExternalDestination,
  port: ExternalPort,
  host: string,
): Marked<ClientTls> | undefined {
  const tls = port.clientsideTls;
  if (tls === undefined) return undefined;
  const at = ['spec', 'ports', port.index, 'clientsideTls'];
  const from = <T extends string | boolean>(name: string, value: T | undefined) => copied(object, [...at, name], value);
  const { mode = 'SIMPLE' } = tls;
  if (mode === 'DISABLE') return took<ClientTls>(object, at, { mode: from('mode', mode)! });
  // Gloo ignores what would verify a server that is only known at the call (spec/gloo.md 2.5).
  const unknown = hosts.some(isWildcard) && endpoints.length === 0 && port.egressGatewayRoutes === undefined;
  return took<ClientTls>(object, at, {
    mode: took(object, [...at, 'mode'], mode),
    sni: from('sni', tls.sni) ?? (isWildcard(host) ? undefined : took(object, ['spec', 'hosts'], host)),
    clientCertificate: from('clientCertificate', tls.clientCertificate),
    privateKey: from('privateKey', tls.privateKey),
    caCertificates: unknown ? undefined : from('caCertificates', tls.caCertificates),
    credentialName: unknown ? undefined : from('credentialName', tls.credentialName),
    insecureSkipVerify: from('insecureSkipVerify', tls.insecureSkipVerify),
    subjectAltNames: copied(object, ['spec', 'subjectAltNames'], object.spec.subjectAltNames),
  });
}

/** ClientTLSPolicy: overrides whatever TLS the destination has (spec/gloo.md 2.9, U21). Without `sni` the server is shown the destination's first host. */
export function policyTls(
  policy: ConfigObject<ClientTlsPolicySpec>,
  hosts: readonly string[],
  external: ExternalDestination | undefined,
): Marked<ClientTls> {
  const { disable, simple, mutual } = policy.spec;
  if (disable !== undefined) return took<ClientTls>(policy, ['spec', 'disable'], { mode: 'DISABLE' });
  const branch = simple !== undefined ? 'simple' : mutual !== undefined ? 'mutual' : undefined;
  if (branch === undefined) return took<ClientTls>(policy, ['spec', 'istioMutual'], { mode: 'ISTIO_MUTUAL' });
  const { sni, credentialName } = policy.spec[branch]?.config ?? {};
  const first = hosts.find((host) => !isWildcard(host));
  const object = external?.object;
  return took<ClientTls>(policy, ['spec', branch], {
    mode: branch === 'simple' ? 'SIMPLE' : 'MUTUAL',
    sni: copied(policy, ['spec', branch, 'config', 'sni'], sni) ?? first,
    credentialName: copied(policy, ['spec', branch, 'config', 'credentialName'], credentialName),
    ...(object !== undefined && { subjectAltNames: copied(object, ['spec', 'subjectAltNames'], object.spec.subjectAltNames) }),
  });
}
