// A laboratory: a control plane, one workload with a real Envoy, and stand-ins for the world outside, all through the real command line.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Variant } from 'sallyport/agent/capture/index.ts';
import { type AccessRecord, accessLog } from './access-log.ts';
import { makeCertificates } from './certificates.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { labEnvironment, sallyportCommand } from './environment.ts';
import { freePort } from './free-port.ts';
import type { Said } from './kept-child.ts';
import { type Ran, run } from './ran.ts';
import { startWorkload } from './workload.ts';
import { namesOf, onLoopback, type StandIn, WORLD } from './world.ts';

export type { AccessRecord } from './access-log.ts';
export type { ControlPlane } from './control-plane.ts';
export type { Said } from './kept-child.ts';
export type { Ran } from './ran.ts';
export { type StandIn, WORLD } from './world.ts';

export interface LabOptions {
  /** Mesh settings, over those that the laboratory needs (access log as JSON on stdout, no automatic mTLS). */
  readonly mesh?: Readonly<Record<string, unknown>>;
  /** Names that the workload's resolver knows besides those of the world. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** Configuration that is there from the beginning: path in the directory to text. */
  readonly config?: Readonly<Record<string, string>>;
  /** Default: root when run by root, else rootless. */
  readonly variant?: Variant;
  /** `capture` (default), or `proxy`: no namespace; stand-ins are at addresses of loopback. */
  readonly mode?: 'capture' | 'proxy';
  readonly workload?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly serviceAccount?: string;
    /** `region/zone/subzone`. */
    readonly locality?: string;
  };
  readonly world?: readonly StandIn[];
  /** Further arguments of `sallyport run`. */
  readonly runArgs?: readonly string[];
  /** Is told what is being waited for. */
  readonly onProgress?: (what: string) => void;
}

export interface Lab {
  readonly mode: 'capture' | 'proxy';
  /** A directory that the application can read too. */
  readonly root: string;
  readonly configDir: string;
  readonly runtimeDir: string;
  /** The environment in which commands find this laboratory. */
  readonly env: NodeJS.ProcessEnv;
  /** PEM file with the authority that signed the stand-ins' certificates: `curl --cacert`. */
  readonly caFile: string;
  readonly controlPlane: ControlPlane;
  /** What the agent said, but for the access log. */
  readonly agentSaid: readonly Said[];
  /** Runs `sallyport ARGS` to its end. */
  sallyport(args: readonly string[], input?: string): Promise<Ran>;
  /** Runs a command inside the workload, by `sallyport exec`. */
  exec(command: readonly string[]): Promise<Ran>;
  /** Envoy's access log so far. */
  access(): readonly AccessRecord[];
  /** The first record from index `from` on (default: all) that fits; throws with what was there after the timeout. */
  waitAccess(fits: (record: AccessRecord) => boolean, options?: { from?: number; timeoutMs?: number }): Promise<AccessRecord>;
  /** The records from index `from` on, as soon as there are `count`; throws with what was there after the timeout. */
  waitAccessCount(count: number, options?: { from?: number; timeoutMs?: number }): Promise<readonly AccessRecord[]>;
  /** Resolves when the proxy has acknowledged everything that was applied. */
  settled(timeoutMs?: number): Promise<void>;
  /** Ends everything and removes every file. May be called twice. */
  close(): Promise<void>;
}

const OBSERVED = { accessLogFile: '/dev/stdout', accessLogEncoding: 'JSON', enableAutoMtls: false };
const LOGGED_MS = 5_000;

/** Starts everything; if a part fails, ends the others and throws what it said. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { mode = 'capture', world: servers = WORLD, onProgress = () => {} } = options;
  const world = mode === 'capture' ? servers : onLoopback(servers);
  const root = await mkdtemp(join(tmpdir(), 'sallyport-lab-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(root, { recursive: true, force: true })];
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      for (const one of closing.reverse()) await one().catch(() => {});
    })();
    return closed;
  };
  try {
    // The application is another user, and reads the authority's certificate here.
    await chmod(root, 0o755);
    const [configDir, runtimeDir] = [join(root, 'mesh'), join(root, 'runtime')];
    const env = labEnvironment(runtimeDir);
    const [port, proxyPort] = [await freePort(), await freePort()];
    onProgress('certificates of the stand-ins');
    const tlsNames = world.filter(({ tls }) => tls !== undefined).flatMap(({ hosts }) => hosts);
    const certificates = makeCertificates(join(root, 'certificates'), tlsNames);
    const mesh = { ...OBSERVED, ...(mode === 'proxy' && { proxyHttpPort: proxyPort }), ...options.mesh };
    await writeFiles(root, {
      'mesh.json': JSON.stringify(mesh),
      'names.json': JSON.stringify({ ...namesOf(world), ...options.names }),
    });
    await mkdir(configDir);
    await writeFiles(configDir, options.config ?? {});

    const { caFile, folder } = await certificates;
    onProgress('the control plane');
    const meshFile = join(root, 'mesh.json');
    const controlPlane = await startControlPlane({ configDir, meshFile, runtimeDir, port, env, args: options.runArgs ?? [] });
    closing.push(() => controlPlane.kill('SIGTERM'));

    onProgress('Envoy and its agent, and the stand-ins');
    const log = accessLog();
    const { name = 'workload' } = options.workload ?? {};
    const workload = await startWorkload({
      args: agentArguments(options, { name, port, proxyPort, names: join(root, 'names.json') }),
      ...{ runtimeDir, env, name, access: log, world, certificates: folder },
      listen: mode === 'capture' ? 'everywhere' : 'own addresses',
    });
    closing.push(() => workload.close());
    onProgress('the proxy to take its configuration over');
    await controlPlane.settled();

    const sallyport = (args: readonly string[], input?: string) =>
      run(sallyportCommand(args), { env, ...(input !== undefined && { input }) });
    const missed = (what: string, from: number) =>
      new Error(
        `${what} came into the access log; it has\n${log.records
          .slice(from)
          .map((one) => JSON.stringify(one))
          .join('\n')}`,
      );
    return {
      ...{ mode, root, configDir, runtimeDir, env, caFile, controlPlane, agentSaid: workload.said, sallyport, close },
      exec: (command) => sallyport(['exec', '--workload', name, '--', ...command]),
      access: () => log.records,
      waitAccess: async (fits, { from = 0, timeoutMs = LOGGED_MS } = {}) => {
        const found = (await log.until((records) => records.some(fits), from, timeoutMs)).find(fits);
        if (found === undefined) throw missed('no such call', from);
        return found;
      },
      waitAccessCount: async (count, { from = 0, timeoutMs = LOGGED_MS } = {}) => {
        const found = await log.until((records) => records.length >= count, from, timeoutMs);
        if (found.length < count) throw missed(`${found.length} calls instead of ${count}`, from);
        return found;
      },
      settled: (timeoutMs) => controlPlane.settled(timeoutMs),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function agentArguments(
  { mode = 'capture', variant, workload = {} }: LabOptions,
  { name, port, proxyPort, names }: { name: string; port: number; proxyPort: number; names: string },
): string[] {
  const { namespace = 'default', labels = {}, serviceAccount = 'default', locality } = workload;
  return [
    ...['--name', name, '-n', namespace, '--service-account', serviceAccount, '--names', names],
    ...(locality === undefined ? [] : ['--locality', locality]),
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...(mode === 'capture'
      ? ['--reach', 'lab']
      : ['--mode', 'proxy', '--proxy-port', String(proxyPort), '--xds', `127.0.0.1:${port}`]),
    ...(variant === 'rootless' ? ['--rootless'] : []),
  ];
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}
