import { isWildcard } from '../../lib/host.ts';
import type { ClientTls, ClientTlsPolicySpec, ConfigObject, FieldPath } from '../../model/index.ts';
import { copied, type Marked, took } from '../sourced.ts';
import type { Destination } from './destination.ts';
import type { ExternalDestination, ExternalPort } from './external-service.ts';

/**
 * TLS that an ExternalService has originated for a port (spec/gloo.md 2.4, rule 8). The name shown to the server is the one given, else the
 * host of the rule; behind a wildcard it is the name that was called.
 */
export function clientsideTls(destination: ExternalDestination, port: ExternalPort, host: string): Marked<ClientTls> | undefined {
  const { object } = destination;
  const tls = port.clientsideTls;
  if (tls === undefined) return undefined;
  const at = ['spec', 'ports', port.index, 'clientsideTls'];
  const from = <T extends string | boolean>(name: string, value: T | undefined) => copied(object, [...at, name], value);
  const { mode = 'SIMPLE' } = tls;
  if (mode === 'DISABLE') return took<ClientTls>(object, at, { mode: from('mode', mode)! });
  const unknown = isUnknown(destination, port);
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

/** Gloo ignores what would verify a server that is only known at the call (spec/gloo.md 2.5). */
function isUnknown({ hosts, endpoints }: ExternalDestination, { egressGatewayRoutes }: ExternalPort): boolean {
  return hosts.some(isWildcard) && endpoints.length === 0 && egressGatewayRoutes === undefined;
}

/**
 * The field that names a secret for the TLS of some port. Sidecars heed it only in a rule that selects workloads, and would
 * send plain text otherwise (spec/istio.md 2.5).
 */
export function credentialSource(
  { external, originated = [] }: Pick<Destination, 'external' | 'originated'>,
  policies: readonly ConfigObject<ClientTlsPolicySpec>[],
): { readonly object: ConfigObject; readonly field: FieldPath } | undefined {
  for (const policy of policies)
    for (const branch of ['simple', 'mutual'] as const)
      if ((policy.spec[branch]?.config?.credentialName ?? '') !== '')
        return { object: policy, field: ['spec', branch, 'config', 'credentialName'] };
  for (const behind of [external, ...originated.map(({ tls }) => tls.external)])
    for (const port of behind?.ports ?? [])
      if (behind !== undefined && (port.clientsideTls?.credentialName ?? '') !== '' && !isUnknown(behind, port))
        return { object: behind.object, field: ['spec', 'ports', port.index, 'clientsideTls', 'credentialName'] };
  return undefined;
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
