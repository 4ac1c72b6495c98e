import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findTool } from 'sallyport/agent/tools.ts';
import { run } from './ran.ts';

/** Where the laboratory's certificates are: `caFile` is what an application trusts. */
export interface Certificates {
  readonly caFile: string;
  readonly folder: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes a certificate authority of the laboratory's own and a certificate for each name, valid for two days. */
export async function makeCertificates(folder: string, names: readonly string[]): Promise<Certificates> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const at = (file: string) => join(folder, file);
  const authority = ['-x509', '-days', '2', '-subj', '/CN=CA of the laboratory'];
  await openssl(['req', ...authority, ...KEY, '-keyout', at('ca.key'), '-out', at('ca.pem')]);
  await Promise.all(
    names.map(async (name, i) => {
      const [request, extensions] = [at(`${name}.csr`), at(`${name}.ext`)];
      await writeFile(extensions, `subjectAltName=DNS:${name}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n`);
      const subject = ['-subj', `/O=stand-in/CN=${name}`];
      await openssl(['req', '-new', ...KEY, ...subject, '-keyout', at(`${name}.key`), '-out', request]);
      const authorised = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-set_serial', String(i + 2), '-extfile', extensions];
      await openssl(['x509', '-req', '-days', '2', '-in', request, ...authorised, '-out', at(`${name}.pem`)]);
    }),
  );
  await writeFile(at('names.json'), JSON.stringify(names));
  return { caFile: at('ca.pem'), folder };
}

async function openssl(args: readonly string[]): Promise<void> {
  const { code, stderr } = await run([findTool('openssl') ?? 'openssl', ...args]);
  if (code !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr.trim()}`);
}
