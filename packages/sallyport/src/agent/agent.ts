import { type ApplicationDns, answerApplication } from './application-dns.ts';
import { bootstrapJson, bootstrapOf } from './bootstrap/index.ts';
import type { Interception } from './bootstrap/node.ts';
import { captureRules, ENVOY_MARK, ENVOY_UID, type Exclusion } from './capture/index.ts';
import { runTool } from './capture/run-tool.ts';
import { type EnvoyBinary, resolveEnvoy } from './envoy-binary.ts';
import { makeFolder } from './folder.ts';
import { serveHealth } from './health.ts';
import { AGENT_PORTS, type AgentMode, type AgentOptions, type AgentPorts, HTTP_PROXY_PORT } from './options.ts';
import type { Rights } from './proxy/launch.ts';
import type { LogLevel } from './proxy/log-line.ts';
import { Supervisor } from './proxy/supervisor.ts';
import { type Listen, startResolver } from './resolver/index.ts';
import { Forwarder } from './resolver/upstream/forwarder.ts';
import { systemResolvConf } from './resolver/upstream/resolv-conf.ts';
import { serveSecrets } from './sds/index.ts';
import { type AgentStatus, statusOf, untilReady } from './status.ts';
import { findTool } from './tools.ts';

export { AGENT_PORTS, type AgentMode, type AgentOptions, type AgentPorts, HTTP_PROXY_PORT } from './options.ts';
export type { AgentStatus } from './status.ts';

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

/** Starts everything beside a proxy: resolvers, rules, secrets, Envoy, health. Aborting the signal is like `stop()`. */
export async function runAgent(options: AgentOptions, signal?: AbortSignal): Promise<RunningAgent> {
  const { mode } = options;
  const rights = rightsFor(mode);
  const log = (level: LogLevel, message: string) => options.onLog?.({ level, component: 'agent', message });
  const binary = options.binary ?? (await resolveEnvoy({ log: (line) => log('info', line) }));
  const wanted: AgentPorts = { ...AGENT_PORTS, ...options.ports };
  const address = options.address ?? (mode.kind === 'capture' ? '0.0.0.0' : '127.0.0.1');
  const resolvConf = await systemResolvConf(ownServers(wanted));
  // Envoy and the application ask the same servers, so that what one was told the other need not ask.
  const forwarder = new Forwarder(options.upstream ?? { kind: 'servers', servers: resolvConf.servers }, options.dns);
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
      upstream: forwarder,
      log: say,
      ...(options.names?.envoy && { names: options.names.envoy }),
    });
    closing.push(() => forEnvoy.close());
    const ports = { ...wanted, resolver: portOf(forEnvoy.listening[0]) };
    const interception = interceptionOf(options, ports);
    let names: ApplicationDns | undefined;
    if (mode.kind === 'capture') {
      const search = resolvConf.search[0];
      names = await answerApplication({ ...options, interception, port: ports.dns, forwarder, say, ...(search && { search }) });
      closing.push(names.close);
      await arm(mode, ports);
    }
    const { credentials } = options;
    const secrets = await serveSecrets({ path: folder.sdsPath, rights, log, ...(credentials && { credentials }) });
    closing.push(() => secrets.close());
    const supervisor = new Supervisor({
      ...options,
      binary: binary.path,
      rights,
      folder: folder.envoy,
      adminPath: folder.adminPath,
      bootstrap: bootstrapFor(options, interception, ports, address, folder),
    });
    const status = () => statusOf(supervisor, names?.status);
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

function interceptionOf({ mode, credentials }: AgentOptions, ports: AgentPorts): Interception {
  return {
    mode: mode.kind === 'capture' ? 'REDIRECT' : 'NONE',
    dnsCapture: mode.kind === 'capture',
    unprivileged: mode.kind === 'capture' || process.getuid?.() !== 0,
    statusPort: ports.health,
    metricsPort: ports.metrics,
    hasCertificate: credentials !== undefined,
    ...(mode.kind === 'proxy' && { httpProxyPort: mode.port ?? HTTP_PROXY_PORT }),
  };
}

function bootstrapFor(
  options: AgentOptions,
  interception: Interception,
  ports: AgentPorts,
  address: string,
  folder: { readonly adminPath: string; readonly sdsPath: string },
): string {
  const { mode } = options;
  return bootstrapJson(
    bootstrapOf({
      identity: options.identity,
      interception,
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

function ownServers(ports: AgentPorts) {
  return [ports.dns, ports.resolver].flatMap((port) => ['127.0.0.1', '::1'].map((address) => ({ address, port })));
}

function portOf(listen: Listen | undefined): number {
  return listen !== undefined && 'port' in listen ? listen.port : 0;
}
