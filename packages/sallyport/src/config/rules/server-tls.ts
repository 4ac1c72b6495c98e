import { isCipherSuite } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
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

function* warnCiphers(suites: readonly string[], field: Path): Iterable<Finding> {
  for (const [i, suite] of suites.entries()) {
    if (suite !== '' && !isCipherSuite(suite))
      yield warn(
        'INEFFECTIVE',
        [...field, i],
        `${shown(suite)} is no cipher suite that Envoy knows`,
        'for example ECDHE-RSA-AES128-GCM-SHA256',
      );
    else if (suites.indexOf(suite) !== i)
      yield warn('INEFFECTIVE', [...field, i], `${shown(suite)} stands there twice`, 'keep one');
  }
}

const CERTIFICATE_FIELDS = [
  'serverCertificate',
  'privateKey',
  'caCertificates',
  'caCrl',
  'credentialName',
  'credentialNames',
  'tlsCertificates',
] as const;

/** The workload's own certificate is used, and no other can be named beside it. */
function* checkOwnIdentity(tls: ServerTls, field: Path): Iterable<Finding> {
  for (const name of CERTIFICATE_FIELDS)
    if ((tls[name] ?? '').length > 0)
      yield invalid(
        [...field, name],
        `ISTIO_MUTUAL uses the workload’s own certificate, not \`${name}\``,
        'leave it out, or use MUTUAL',
      );
}

/** Certificates of a TLS server (spec/istio.md 2.7). */
export function* checkServerTls(tls: ServerTls, field: Path): Iterable<Finding> {
  const { mode = 'PASSTHROUGH', serverCertificate = '', privateKey = '', caCertificates = '', caCrl = '' } = tls;
  yield* warnCiphers(tls.cipherSuites ?? [], [...field, 'cipherSuites']);
  if (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') {
    if (CERTIFICATE_FIELDS.some((name) => (tls[name] ?? '').length > 0))
      yield warn('INEFFECTIVE', field, `certificates are not used with mode ${mode}`, 'use SIMPLE or MUTUAL');
    return;
  }
  if (mode === 'ISTIO_MUTUAL') {
    yield* checkOwnIdentity(tls, field);
    return;
  }
  const files = tls.tlsCertificates ?? [];
  const credentials = tls.credentialNames ?? [];
  const pair = serverCertificate === '' || privateKey === '' ? '' : serverCertificate;
  const sources = [tls.credentialName ?? '', credentials, pair, files];
  if (sources.filter(({ length }) => length > 0).length > 1)
    yield invalid(
      field,
      'certificates are given in several places',
      'keep one of `credentialName`, `credentialNames`, `tlsCertificates`, and `serverCertificate` with `privateKey`',
    );
  if (files.length > 2 || credentials.length > 2)
    yield warn('INEFFECTIVE', field, 'there are more than two certificates', 'keep one with an RSA key and one with an EC key');
  if ((tls.credentialName ?? '') !== '' || credentials.length > 0) return;
  if (mode === 'SIMPLE' && caCrl !== '')
    yield invalid([...field, 'caCrl'], 'a revocation list is of no use with SIMPLE', 'use MUTUAL');
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
