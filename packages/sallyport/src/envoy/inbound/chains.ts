import type { ClassInbound, PeerMode, PeerRuling, ServedPort, ServerTlsSettings } from '../../model/index.ts';
import { isHttp2 } from '../../model/index.ts';
import {
  BLACK_HOLE,
  CONFIG_KINDS,
  configPath,
  INBOUND_PASSTHROUGH,
  inboundCluster,
  outboundListener,
  VIRTUAL_INBOUND,
} from '../names.ts';
import { CHAIN_SETS, type ChainKind, type Family, familyOf } from './chain-sets.ts';
import type { InboundFacts } from './facts.ts';

/** A chain of an inbound listener as plain values: chains with the same are encoded once. */
export interface InboundChain {
  readonly name: string;
  readonly match: InboundMatch;
  readonly tls: 'mutual' | ServerTlsSettings | undefined;
  readonly cluster: string;
  /** Absent: bytes are carried on as they come. */
  readonly http?: InboundHttp;
  readonly mongo: boolean;
  /** `istio.config` metadata: the path of the Sidecar the chain comes from. */
  readonly config?: string;
}

export interface InboundMatch {
  /** Absent where the listener is for this port alone. */
  readonly port?: number;
  readonly transport?: 'tls' | 'raw_buffer';
  readonly alpn: readonly string[];
}

export interface InboundHttp {
  readonly statPrefix: string;
  /** The service's port, in the name of the virtual host. */
  readonly port: number;
  /** Empty where no service is known. */
  readonly host: string;
  readonly grpcWeb: boolean;
  readonly http2: boolean;
  /** Requests that a closed connection lost before they began are made again, except for gRPC, whose callers do that. */
  readonly retries: boolean;
}

/** The chains of virtualInbound in order: against loops, for ports that nothing serves, for those that are served (spec/istio.md 10.3). */
export function virtualInboundChains({ ruling, exceptions, ports }: ClassInbound, facts: InboundFacts): readonly InboundChain[] {
  return [
    blackHole(`${VIRTUAL_INBOUND}-blackhole`, facts.capturePort),
    ...passthroughChains(ruling, undefined, facts),
    ...exceptions.flatMap((exception) => passthroughChains(exception.ruling, exception.port, facts)),
    ...ports.filter((port) => !isBound(port, facts)).flatMap((port) => servedChains(port, facts)),
  ];
}

/** The chains of one served port. */
export function servedChains(served: ServedPort, facts: InboundFacts): readonly InboundChain[] {
  const name = outboundListener(bindOf(served, facts), served.target);
  const port = served.target;
  const mode = modeFor(served, facts);
  if (mode === 'refused') return [blackHole(name, port)];
  const base = { name, cluster: inboundCluster(served.target), mongo: served.protocol === 'mongo', ...configOf(served) };
  const http = (): InboundHttp => ({
    statPrefix: `inbound_${name}`,
    port: served.port,
    host: served.host,
    grpcWeb: served.protocol === 'grpc-web',
    http2: isHttp2(served.protocol),
    retries: served.protocol !== 'grpc' && served.protocol !== 'grpc-web',
  });
  const tls = ownTlsOf(served, facts);
  const family = tls === undefined ? familyOf(served.protocol) : afterTls(served);
  if (tls !== undefined && mode === 'DISABLE')
    return [
      {
        ...base,
        match: matchOf(port, { transport: 'tls', alpn: [] }),
        tls,
        ...(family === 'http' && { http: http() }),
      },
    ];
  return CHAIN_SETS[mode][family].map((kind) => ({
    ...base,
    match: matchOf(port, kind),
    tls: kind.mutual ? ('mutual' as const) : undefined,
    ...(kind.carries === 'http' && { http: http() }),
  }));
}

/** Ports that nothing serves: whatever comes is let through to where it was going. */
function passthroughChains(ruling: PeerRuling, port: number | undefined, facts: InboundFacts): readonly InboundChain[] {
  const mode = enforceable(ruling, facts);
  // Without a port there is nothing to fall back to: connections that no chain takes are closed.
  if (mode === 'refused') return port === undefined ? [] : [blackHole(VIRTUAL_INBOUND, port)];
  const http = { statPrefix: INBOUND_PASSTHROUGH, port: 0, host: '', grpcWeb: false, http2: false, retries: true };
  return CHAIN_SETS[mode].auto.map((kind) => ({
    name: kind.carries === 'http' ? `${VIRTUAL_INBOUND}-catchall-http` : VIRTUAL_INBOUND,
    match: matchOf(port, kind),
    tls: kind.mutual ? ('mutual' as const) : undefined,
    cluster: INBOUND_PASSTHROUGH,
    mongo: false,
    ...(kind.carries === 'http' && { http }),
  }));
}

/** What cannot be had without certificates is refused; what is only allowed is left out. */
export function enforceable(
  { mode }: PeerRuling,
  { withoutIdentity }: Pick<InboundFacts, 'withoutIdentity'>,
): PeerMode | 'refused' {
  if (!withoutIdentity) return mode;
  return mode === 'STRICT' ? 'refused' : 'DISABLE';
}

function modeFor(served: ServedPort, facts: InboundFacts): PeerMode | 'refused' {
  const mode = enforceable(served.ruling, facts);
  return mode === 'DISABLE' && facts.withoutIdentity && ownTlsOf(served, facts) !== undefined ? 'refused' : mode;
}

/** A Sidecar's own TLS, where the mesh allows it. */
export function ownTlsOf(served: ServedPort, { ownTls }: Pick<InboundFacts, 'ownTls'>): ServerTlsSettings | undefined {
  return ownTls ? served.ingress?.listener.tls : undefined;
}

function afterTls({ protocol }: ServedPort): Family {
  return protocol === 'https' ? 'http' : familyOf(protocol);
}

/** The address in the names of a port's chains: a Sidecar's, or the proxy's own, or for services the wildcard. */
export function bindOf({ ingress }: ServedPort, facts: InboundFacts): string {
  if (ingress === undefined) return facts.bind;
  return ingress.listener.bind || facts.ownAddress || facts.bind;
}

/** Whether the port has a listener of its own instead of a share in virtualInbound, which is none where nothing is captured. */
export function isBound({ ingress }: ServedPort, { capture }: Pick<InboundFacts, 'capture'>): boolean {
  const mode = ingress?.listener.captureMode ?? 'DEFAULT';
  return ingress !== undefined && (mode === 'NONE' || (mode === 'DEFAULT' && capture === 'none'));
}

/** A loop would end here, and so does what must not go on. */
function blackHole(name: string, port: number | undefined): InboundChain {
  return { name, match: { ...(port !== undefined && { port }), alpn: [] }, tls: undefined, cluster: BLACK_HOLE, mongo: false };
}

function matchOf(port: number | undefined, { transport, alpn }: Pick<ChainKind, 'transport' | 'alpn'>): InboundMatch {
  return { ...(port !== undefined && { port }), transport, alpn };
}

function configOf({ ingress }: ServedPort): { readonly config?: string } {
  if (ingress === undefined) return {};
  const { apiVersion, sidecar } = ingress;
  return { config: configPath(apiVersion, sidecar.namespace, CONFIG_KINDS.Sidecar, sidecar.name) };
}
