import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { SallyportError } from '../lib/error.ts';
import { bootstrapJson, bootstrapOf, type ConfigSource } from './bootstrap/index.ts';
import type { NodeIdentity } from './bootstrap/node.ts';
import { captureRules, ENVOY_MARK, ENVOY_UID, type Exclusion, type Variant } from './capture/index.ts';
import { runTool } from './capture/run-tool.ts';
import { type EnvoyBinary, resolveEnvoy } from './envoy-binary.ts';
import { makeFolder } from './folder.ts';
import { serveHealth } from './health.ts';
import type { Rights } from './proxy/launch.ts';
import type { LogLevel, LogRecord } from './proxy/log-line.ts';
import { type EnvoyState, Supervisor } from './proxy/supervisor.ts';
import { type Listen, startResolver } from './resolver/index.ts';
import type { Names } from './resolver/names.ts';
import { systemServers } from './resolver/resolv-conf.ts';
import type { Upstream } from './resolver/upstream.ts';
import { findTool } from './tools.ts';

/** How the application's traffic comes to the proxy. */
export type AgentMode =
  /** By rules in the network namespace that this process is in; `inbound` also takes what comes from outside of it. */
  | { readonly kind: 'capture'; readonly variant: Variant; readonly inbound?: boolean }
  /** The application is told: `http_proxy=http://127.0.0.1:PORT`. Default port 15080. */
  | { readonly kind: 'proxy'; readonly port?: number }
  /** Somebody else sees to it. */
  | { readonly kind: 'none' };

export interface AgentPorts {
  readonly outbound: number;
  readonly inbound: number;
  /** For the application's questions. */
  readonly dns: number;
  /** For Envoy's own questions; 0 means any. */
  readonly resolver: number;
  readonly health: number;
  readonly metrics: number;
}

export const AGENT_PORTS: AgentPorts = {
  outbound: 15001,
  inbound: 15006,
  dns: 15053,
  resolver: 15054,
  health: 15021,
  metrics: 15090,
};
export const HTTP_PROXY_PORT = 15080;

export interface AgentOptions {
  readonly identity: NodeIdentity;
  readonly source: ConfigSource;
  readonly mode: AgentMode;
  readonly ports?: Partial<AgentPorts>;
  /** Where health and metrics listen. Default: everywhere in mode capture, else loopback. */
  readonly address?: string;
  /** Names known without asking: `application` may hold virtual addresses, `envoy` must hold real ones. */
  readonly names?: { readonly application?: Names; readonly envoy?: Names };
  /** Default: the servers of /etc/resolv.conf, which a captured namespace cannot reach: there give a Unix socket, or nobody. */
  readonly upstream?: Upstream;
  /** The private directory; default a new one. Hide it from the application (`ConfinedOptions.hide`). */
  readonly folder?: string;
  /** Default: {@link resolveEnvoy}. */
  readonly binary?: EnvoyBinary;
  readonly concurrency?: number;
  readonly logLevel?: LogLevel;
  /** Seconds that a changed listener keeps its old connections (default 45), and that connections may finish on stop (default 5). */
  readonly drainSeconds?: number;
  readonly stopDrainSeconds?: number;
  readonly maxConnections?: number;
  /** What Envoy and the agent (component `agent`) say. */
  readonly onLog?: (record: LogRecord) => void;
  /** Lines of the stdout access log. */
  readonly onAccess?: (line: string) => void;
  readonly onState?: (state: EnvoyState) => void;
}

export interface AgentStatus {
  /** Envoy is LIVE and has had its first clusters and listeners. Stays true while the control plane is away (security.md P5). */
  readonly ready: boolean;
  readonly envoy: EnvoyState;
  /** A stream to the control plane is open now. */
  readonly connected: boolean;
}

export interface RunningAgent {
  readonly binary: EnvoyBinary;
  readonly folder: string;
  readonly ports: AgentPorts;
  /** Envoy's admin interface. */
  readonly admin: Supervisor['admin'];
  status(): Promise<AgentStatus>;
  /** Resolves when ready; throws UNREACHABLE with the reason after `timeoutMs`. */
  untilReady(timeoutMs: number): Promise<void>;
  /** Drains and ends Envoy, then all else. The rules stay: what would be captured fails rather than leaves uncaptured. */
  stop(): Promise<void>;
}

/** Starts everything beside a proxy: resolvers, rules, Envoy, health. Aborting the signal is like `stop()`. */
export async function runAgent(options: AgentOptions, signal?: AbortSignal): Promise<RunningAgent> {
  const { mode } = options;
  const rights = rightsFor(mode);
  const log = (level: LogLevel, message: string) => options.onLog?.({ level, component: 'agent', message });
  const binary = options.binary ?? (await resolveEnvoy({ log: (line) => log('info', line) }));
  const wanted: AgentPorts = { ...AGENT_PORTS, ...options.ports };
  const address = options.address ?? (mode.kind === 'capture' ? '0.0.0.0' : '127.0.0.1');
  const upstream = options.upstream ?? (await defaultUpstream(wanted));
  const closing: (() => Promise<unknown>)[] = [];
  const closeAll = async () => {
    for (const close of closing.reverse()) await close();
  };
  try {
    const folder = await makeFolder(rights, options.folder);
    closing.push(() => folder.remove());
    const say = (line: string) => log('warning', line);
    const forEnvoy = await startResolver({
      listen: [{ address: '127.0.0.1', port: wanted.resolver }],
      upstream,
      log: say,
      ...(options.names?.envoy && { names: options.names.envoy }),
    });
    closing.push(() => forEnvoy.close());
    const ports = { ...wanted, resolver: portOf(forEnvoy.listening[0]) };
    if (mode.kind === 'capture') {
      const names = options.names?.application;
      const forApplication = await startResolver({ listen: loopbacks(ports.dns), upstream, log: say, ...(names && { names }) });
      closing.push(() => forApplication.close());
      await arm(mode, ports);
    }
    const supervisor = new Supervisor({
      ...options,
      binary: binary.path,
      rights,
      folder: folder.envoy,
      adminPath: folder.adminPath,
      bootstrap: bootstrapFor(options, ports, address, folder),
    });
    const status = () => statusOf(supervisor);
    const health = await serveHealth({ address, port: ports.health }, status);
    closing.push(() => health.close());
    await supervisor.start();
    closing.push(() => supervisor.stop());
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= closeAll();
      return stopped;
    };
    signal?.addEventListener('abort', () => void stop(), { once: true });
    if (signal?.aborted) await stop();
    return {
      binary,
      folder: folder.path,
      ports: { ...ports, health: health.port },
      admin: supervisor.admin,
      status,
      untilReady: (timeoutMs) => untilReady(status, timeoutMs),
      stop,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function rightsFor(mode: AgentMode): Rights {
  if (mode.kind !== 'capture') return { kind: 'as-we-are' };
  return mode.variant === 'root' ? { kind: 'user', uid: ENVOY_UID, gid: ENVOY_UID } : { kind: 'marking' };
}

async function arm(mode: Extract<AgentMode, { kind: 'capture' }>, ports: AgentPorts): Promise<void> {
  const exclude: Exclusion = mode.variant === 'root' ? { by: 'user', uid: ENVOY_UID } : { by: 'mark', mark: ENVOY_MARK };
  const rules = captureRules({
    exclude,
    outboundPort: ports.outbound,
    dnsPort: ports.dns,
    ...(mode.inbound === true && { inbound: { port: ports.inbound, except: [ports.health, ports.metrics] } }),
  });
  await runTool([findTool('nft') ?? 'nft', '-f', '-'], rules);
}

function bootstrapFor(
  options: AgentOptions,
  ports: AgentPorts,
  address: string,
  folder: { readonly adminPath: string; readonly sdsPath: string },
): string {
  const { mode } = options;
  return bootstrapJson(
    bootstrapOf({
      identity: options.identity,
      interception: {
        mode: mode.kind === 'capture' ? 'REDIRECT' : 'NONE',
        dnsCapture: mode.kind === 'capture',
        statusPort: ports.health,
        metricsPort: ports.metrics,
        ...(mode.kind === 'proxy' && { httpProxyPort: mode.port ?? HTTP_PROXY_PORT }),
      },
      source: options.source,
      adminPath: folder.adminPath,
      sdsPath: folder.sdsPath,
      resolver: { address: '127.0.0.1', port: ports.resolver },
      metrics: { address, port: ports.metrics },
      ...(mode.kind === 'capture' && mode.variant === 'rootless' && { mark: ENVOY_MARK }),
      ...(options.maxConnections !== undefined && { maxConnections: options.maxConnections }),
    }),
  );
}

const STATISTICS =
  '^(control_plane\\.connected_state|cluster_manager\\.cds\\.update_success|listener_manager\\.lds\\.update_success)$';

async function statusOf(supervisor: Supervisor): Promise<AgentStatus> {
  const [isLive, found] = await Promise.all([supervisor.isLive(), supervisor.statistics(STATISTICS)]);
  const has = (name: string) => (found.get(name) ?? 0) > 0;
  return {
    ready: isLive && has('cluster_manager.cds.update_success') && has('listener_manager.lds.update_success'),
    envoy: supervisor.state,
    connected: has('control_plane.connected_state'),
  };
}

async function untilReady(status: () => Promise<AgentStatus>, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const { ready, envoy, connected } = await status();
    if (ready) return;
    if (envoy.kind === 'stopped') throw new SallyportError('UNREACHABLE', 'Envoy was stopped before it was ready');
    if (performance.now() > until) {
      const why =
        envoy.kind === 'waiting' ? envoy.why : connected ? 'it waits for clusters and listeners' : 'it has no control plane';
      throw new SallyportError('UNREACHABLE', `Envoy was not ready after ${timeoutMs / 1000} s: ${why}`);
    }
    await sleep(50);
  }
}

async function defaultUpstream(ports: AgentPorts): Promise<Upstream> {
  const own = [ports.dns, ports.resolver].flatMap((port) => ['127.0.0.1', '::1'].map((address) => ({ address, port })));
  return { kind: 'servers', servers: await systemServers(own) };
}

/** Redirected packets arrive at the loopback address of their own family. */
function loopbacks(port: number): Listen[] {
  const hasV6 = Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === '::1'));
  return [{ address: '127.0.0.1', port }, ...(hasV6 ? [{ address: '::1', port }] : [])];
}

function portOf(listen: Listen | undefined): number {
  return listen !== undefined && 'port' in listen ? listen.port : 0;
}
