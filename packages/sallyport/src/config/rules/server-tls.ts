import { type Finding, invalid, missing, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';

/** TLS settings of a server as the schema in `kinds/parts.ts` leaves them. */
export interface ServerTls {
  readonly mode?: string;
  readonly httpsRedirect?: boolean;
  readonly serverCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly caCrl?: string;
  readonly subjectAltNames?: readonly string[];
  readonly credentialName?: string;
  readonly credentialNames?: readonly string[];
  readonly tlsCertificates?: readonly { readonly serverCertificate?: string; readonly privateKey?: string }[];
  readonly cipherSuites?: readonly string[];
}

/** Certificates of a TLS server (spec/istio.md 2.7). */
export function* checkServerTls(tls: ServerTls, field: Path): Iterable<Finding> {
  const { mode = 'PASSTHROUGH', serverCertificate = '', privateKey = '', caCertificates = '', caCrl = '' } = tls;
  if (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') {
    if (serverCertificate !== '' || privateKey !== '' || caCertificates !== '')
      yield warn('INEFFECTIVE', field, `certificates are not used with mode ${mode}`, 'use SIMPLE or MUTUAL');
    return;
  }
  if (mode === 'SIMPLE' && caCrl !== '')
    yield invalid([...field, 'caCrl'], 'a revocation list is of no use with SIMPLE', 'use MUTUAL');
  if ((tls.credentialName ?? '') !== '' || (tls.credentialNames ?? []).length > 0) return;
  const files = tls.tlsCertificates ?? [];
  if (files.length > 0 && (serverCertificate !== '' || privateKey !== ''))
    yield invalid(
      [...field, 'tlsCertificates'],
      'certificates are given in two places',
      'keep `tlsCertificates` or `serverCertificate` and `privateKey`',
    );
  const pairs = files.length > 0 ? files : [tls];
  for (const [i, pair] of pairs.entries()) {
    const at = files.length > 0 ? [...field, 'tlsCertificates', i] : field;
    if ((pair.serverCertificate ?? '') === '')
      yield missing([...at, 'serverCertificate'], `${mode} needs \`serverCertificate\``, 'name the file');
    if ((pair.privateKey ?? '') === '') yield missing([...at, 'privateKey'], `${mode} needs \`privateKey\``, 'name the file');
  }
  if ((mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL') && caCertificates === '')
    yield missing(
      [...field, 'caCertificates'],
      `${mode} needs \`caCertificates\``,
      'name the file that clients are verified with',
    );
}
