/** One decision on the way of a call, for whoever explains it. Lists of chains are labels: names, or what they match. */
export type Step =
  | ListenerStep
  | ListenerFilterStep
  | FilterChainStep
  | ChainChosenStep
  | TlsStep
  | AccessStep
  | TcpProxyStep
  | RouteConfigStep
  | VirtualHostStep
  | RouteStep
  | UpstreamStep;

export interface ListenerStep {
  readonly at: 'listener';
  /** Binds looked for, in order, as `address:port` or the name of a listener. */
  readonly tried: readonly string[];
  /** What the listener was found by; `none` if there is none. */
  readonly by: 'inbound' | 'exact' | 'wildcard' | 'any' | 'catchAll' | 'none';
  readonly listener?: string;
}

export interface ListenerFilterStep {
  readonly at: 'listenerFilter';
  readonly filter: 'tls_inspector' | 'http_inspector';
  readonly state: 'ran' | 'absent' | 'disabled';
  /** What the proxy knows of the call after this. */
  readonly transport: 'tls' | 'raw_buffer';
  readonly sni: string;
  readonly alpn: readonly string[];
}

export type ChainCriterion =
  | 'destinationPort'
  | 'prefixRanges'
  | 'serverNames'
  | 'transportProtocol'
  | 'applicationProtocols'
  | 'directSourcePrefixRanges'
  | 'sourceType'
  | 'sourcePrefixRanges'
  | 'sourcePorts';

/** Only criteria that some remaining chain sets make a step. */
export interface FilterChainStep {
  readonly at: 'filterChain';
  readonly criterion: ChainCriterion;
  /** What the call brings. */
  readonly caller: string;
  /** The value that matched best; absent when none matched and only chains without the criterion stay. */
  readonly matched?: string;
  readonly before: number;
  readonly after: number;
}

export interface ChainChosenStep {
  readonly at: 'chosenChain';
  readonly rule: 'only one left' | 'default' | 'several left' | 'none left';
  /** The chains left, at most {@link MOST_NAMED} of them. */
  readonly chains: readonly string[];
}

export const MOST_NAMED = 5;

export interface TlsStep {
  readonly at: 'tls';
  readonly call: 'plaintext' | 'tls' | 'mtls';
  /** The chain ends TLS itself. */
  readonly terminates: boolean;
  /** It wants a client certificate and shows the workload's own. */
  readonly workloadMtls: boolean;
  readonly ok: boolean;
}

/** A filter that asks who may call. */
export interface AccessStep {
  readonly at: 'access';
  readonly effect: 'ALLOW' | 'DENY' | 'LOG';
  readonly allowed: boolean;
  /** The first policy that fits the call; absent when none does. */
  readonly policy?: string;
  /** How many policies the filter has. */
  readonly policies: number;
}

export interface TcpProxyStep {
  readonly at: 'tcpProxy';
  readonly clusters: readonly string[];
  /** The server name decides the destination, by a dynamic forward proxy before this filter. */
  readonly bySni: boolean;
}

export interface RouteConfigStep {
  readonly at: 'routeConfig';
  readonly name: string;
  readonly found: 'inline' | 'fetched' | 'missing';
}

export interface VirtualHostStep {
  readonly at: 'virtualHost';
  /** The host as compared: lower case, the port removed where it is ignored. */
  readonly host: string;
  readonly by: 'exact' | 'suffix' | 'prefix' | 'any' | 'none';
  readonly domain?: string;
  readonly virtualHost?: string;
  /** The virtual host takes only TLS, and the call is plaintext. */
  readonly wantsTls: boolean;
}

export interface RouteStep {
  readonly at: 'route';
  readonly index: number;
  readonly name: string;
  readonly holds: boolean;
  /** Conditions that hold. */
  readonly held: readonly string[];
  /** The first condition that fails. */
  readonly failed?: string;
}

export interface UpstreamStep {
  readonly at: 'upstream';
  readonly cluster: string;
  readonly exists: boolean;
  /** Who says which address is called, where it is not the configuration. */
  readonly found?: Finding;
}

/** By the caller's own destination; by the proxy, which looks the call's host up; the same, for addresses of the Internet only. */
export type Finding = 'caller' | 'lookup' | 'guarded lookup';
