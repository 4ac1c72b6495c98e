import { randomBytes } from 'node:crypto';
import { constants, type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SallyportError } from '../lib/error.ts';
import { type Authority, createAuthority } from './authority.ts';
import { newRoot, type RootMaterial } from './root.ts';

const CERTIFICATE = 'root-cert.pem';
const KEY = 'root-key.pem';
const LONGEST = 64 * 1024;

/**
 * The authority whose root is kept in a folder, which is made with a new root when it is not there or empty. Material that is
 * incomplete, damaged, open to others or of another trust domain is refused with FILE: a lost key is never silently replaced.
 */
export async function openAuthority(folder: string, trustDomain: string, clock: () => number): Promise<Authority> {
  if ((await held(folder)).length === 0) await establish(folder, await newRoot(trustDomain, clock()));
  const material = {
    certificatePem: await readOwn(join(folder, CERTIFICATE), 0o022),
    keyPem: await readOwn(join(folder, KEY), 0o077),
  };
  const authority = await createAuthority(trustDomain, clock, material);
  if ('fault' in authority)
    throw new SallyportError('FILE', `the certificate authority in ${folder} cannot be used: ${authority.fault}; ${MEND}`);
  return authority;
}

const MEND = 'put its files back, or move the folder away to begin with a new root, which nobody trusts yet';

async function held(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw new SallyportError('FILE', `${folder} cannot be read: ${cause.message}`, { cause });
  });
}

/**
 * Puts both files in place in one step: a folder beside it is filled, synchronised and renamed. A rename onto a folder that is not
 * empty fails, so of several processes the first wins, without a lock that could be left behind; the others use what it made.
 */
async function establish(folder: string, { certificatePem, keyPem }: RootMaterial): Promise<void> {
  const parent = dirname(folder);
  const aside = join(parent, `.${basename(folder)}.${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(parent, { recursive: true });
    await mkdir(aside, { mode: 0o700 });
    await writeSynced(join(aside, CERTIFICATE), certificatePem);
    await writeSynced(join(aside, KEY), keyPem);
    await synced(aside);
    await rename(aside, folder);
    await synced(parent);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    throw new SallyportError('FILE', `the certificate authority cannot be stored in ${folder}: ${message}`, { cause: error });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function synced(folder: string): Promise<void> {
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Reads a regular file of our own on which nobody else has one of the `forbidden` rights; follows no link. */
async function readOwn(path: string, forbidden: number): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw new SallyportError('FILE', `${path} cannot be read: ${(cause as Error).message}; ${MEND}`, { cause });
  }
  try {
    const { mode, uid, size } = await file.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > LONGEST)
      throw new SallyportError('FILE', `${path} is no file of a certificate authority; ${MEND}`);
    const isOwn = uid === 0 || uid === process.getuid?.() || process.getuid === undefined;
    if (!isOwn || (mode & forbidden) !== 0)
      throw new SallyportError(
        'FILE',
        `${path} is open to others than its owner; make sure nobody took it, then: chmod 600 ${path}`,
      );
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
