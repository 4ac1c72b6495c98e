import { existsSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

/** Where systems keep the roots that they trust, as one file of PEM. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Arch, Gentoo
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // Fedora, RHEL
  '/etc/pki/tls/certs/ca-bundle.crt', // older RHEL
  '/etc/ssl/ca-bundle.pem', // openSUSE
  '/etc/ssl/cert.pem', // Alpine, macOS, BSD
];

/** The file of the system's roots: what SSL_CERT_FILE names, else the first that is there; undefined when there is none. */
export function systemBundle(env: NodeJS.ProcessEnv = process.env, exists = existsSync): string | undefined {
  const named = env['SSL_CERT_FILE'];
  return named !== undefined && named !== '' ? named : BUNDLES.find(exists);
}

/** The roots that come with Node, those of Mozilla, for a system that has none. */
export function bundledRoots(): string {
  return rootCertificates.join('\n');
}
