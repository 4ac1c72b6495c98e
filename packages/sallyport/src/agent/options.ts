import type { ConfigSource } from './bootstrap/index.ts';
import type { NodeIdentity } from './bootstrap/node.ts';
import type { Variant } from './capture/index.ts';
import type { EnvoyBinary } from './envoy-binary.ts';
import type { LogLevel, LogRecord } from './proxy/log-line.ts';
import type { EnvoyState } from './proxy/supervisor.ts';
import type { Names } from './resolver/names.ts';
import type { Rate } from './resolver/rate.ts';
import type { ForwarderOptions, Upstream } from './resolver/upstream/forwarder.ts';
import type { Credentials } from './sds/index.ts';

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

export interface DnsOptions extends ForwarderOptions {
  /** `refuse`: names that are in no table do not exist for the application; nothing of it is asked for outside. Default `forward`. */
  readonly unknown?: 'forward' | 'refuse';
  /** Questions that one client may send upstream. Default 500 a second, 1,000 at once. */
  readonly rate?: Rate | 'unlimited';
  /** Domain that clients try behind a name first; default the first one of /etc/resolv.conf. */
  readonly search?: string;
  /** File in which the table of names outlives the agent, for a start while the control plane is away. Default: it does not. */
  readonly keptIn?: string;
}

export interface AgentOptions {
  readonly identity: NodeIdentity;
  readonly source: ConfigSource;
  readonly mode: AgentMode;
  /** Who signs for the workload. Without them the proxy has no certificate, and the control plane is told so. */
  readonly credentials?: Credentials;
  readonly ports?: Partial<AgentPorts>;
  /** Where health and metrics listen. Default: everywhere in mode capture, else loopback. */
  readonly address?: string;
  /**
   * Names known without asking: `application` may hold virtual addresses, `envoy` must hold real ones. What the control plane says of
   * names comes before those of `application`.
   */
  readonly names?: { readonly application?: Names; readonly envoy?: Names };
  /** How the application's questions are answered. */
  readonly dns?: DnsOptions;
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
