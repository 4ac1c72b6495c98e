import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What another implementation of X.509 says. Each file is written into a directory that is gone afterwards. */
export function openssl(files: Readonly<Record<string, string>>, args: readonly string[]): { ok: boolean; text: string } {
  const folder = mkdtempSync(join(tmpdir(), 'openssl-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    return { ok: status === 0, text: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A request made by openssl, with a new key of `kind` (arguments of `openssl req -newkey`) and these alternative names. */
export function opensslRequest(kind: readonly string[], names?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'openssl-'));
  try {
    const extension = names === undefined ? [] : ['-addext', `subjectAltName=${names}`];
    const args = ['req', '-new', ...kind, '-nodes', '-keyout', 'key.pem', '-subj', '/CN=root/O=Sallyport', ...extension];
    return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
