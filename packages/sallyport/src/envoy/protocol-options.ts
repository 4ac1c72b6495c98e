import { create } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import { type HttpUpstreamOptions, HttpUpstreamOptionsSchema } from '@sallyport/apis/cluster';
import {
  Http1ProtocolOptionsSchema,
  type Http2ProtocolOptions,
  Http2ProtocolOptionsSchema,
  type HttpProtocolOptions,
  HttpProtocolOptionsSchema,
} from '@sallyport/apis/core';
import { type ConnectionPool, isHttp, isHttp2, type MeshConfig, type OutlierDetection, type Protocol } from '../model/index.ts';
import { anyOf, durationOf } from './encode.ts';
import { errorMatcher } from './outlier-detection.ts';
import { portGuard } from './port-guard.ts';

/** Key in `typed_extension_protocol_options`. */
const EXTENSION = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** How HTTP is spoken upstream: as HTTP/1, as HTTP/2, or as the caller speaks it. */
export type UpstreamHttp = 'http1' | 'http2' | 'downstream';

/** What Envoy is to derive from the request's host where TLS is originated without a server name. */
export interface TlsFromHost {
  readonly sni: boolean;
  readonly san: boolean;
}

/**
 * The protocol towards the endpoints of a port, or undefined where nothing says so (then Envoy speaks HTTP/1). A port
 * without a protocol is spoken to as the caller speaks, whatever is to be upgraded, except by gateways, which do not detect protocols
 * (spec/istio.md 4.6).
 */
export function upstreamHttp(
  protocol: Protocol,
  role: 'sidecar' | 'router',
  http: ConnectionPool['http'],
  mesh: Pick<MeshConfig, 'h2UpgradePolicy'>,
): UpstreamHttp | undefined {
  if (http?.useClientProtocol === true || (protocol === 'auto' && role === 'sidecar')) return 'downstream';
  return isHttp2(protocol) || upgrades(protocol, http, mesh) ? 'http2' : undefined;
}

function upgrades(protocol: Protocol, http: ConnectionPool['http'], mesh: Pick<MeshConfig, 'h2UpgradePolicy'>): boolean {
  if (http?.h2UpgradePolicy === 'UPGRADE') return true;
  if (http?.h2UpgradePolicy === 'DO_NOT_UPGRADE') return false;
  return isHttp(protocol) && mesh.h2UpgradePolicy === 'UPGRADE';
}

export interface ProtocolWishes {
  readonly http: UpstreamHttp | undefined;
  readonly pool?: ConnectionPool | undefined;
  readonly outlier?: OutlierDetection | undefined;
  readonly tlsFromHost?: TlsFromHost | undefined;
  /** Idle timeout where the pool gives none. */
  readonly idleTimeout?: string;
  /** Calls that would go to another port are refused, whatever the call's host says. */
  readonly ports?: readonly number[] | undefined;
}

/** The `typed_extension_protocol_options` of a cluster: empty when there is nothing to say (spec/istio.md 10.4). */
export function protocolOptions(wishes: ProtocolWishes): Record<string, Any> {
  const common = commonOptions(wishes);
  const matcher = errorMatcher(wishes.outlier);
  const { tlsFromHost } = wishes;
  const filters = wishes.ports === undefined ? undefined : portGuard(wishes.ports);
  const silent = common === undefined && matcher === undefined && tlsFromHost === undefined && filters === undefined;
  if (wishes.http === undefined && silent) return {};
  const options = anyOf(HttpUpstreamOptionsSchema, {
    commonHttpProtocolOptions: common,
    upstreamHttpProtocolOptions: tlsFromHost && { autoSni: tlsFromHost.sni, autoSanValidation: tlsFromHost.san },
    // Envoy refuses these options without a protocol, so HTTP/1 is spelled out.
    upstreamProtocolOptions: protocolChoice(wishes.http ?? 'http1', wishes.pool?.http),
    outlierDetection: matcher && { errorMatcher: matcher },
    ...(filters && { httpFilters: filters }),
  });
  return { [EXTENSION]: options };
}

function commonOptions({ pool, idleTimeout }: ProtocolWishes): HttpProtocolOptions | undefined {
  const idle = pool?.http?.idleTimeout ?? pool?.tcp?.idleTimeout ?? idleTimeout;
  const requests = pool?.http?.maxRequestsPerConnection || undefined;
  const duration = pool?.tcp?.maxConnectionDuration;
  if (idle === undefined && requests === undefined && duration === undefined) return undefined;
  return create(HttpProtocolOptionsSchema, {
    idleTimeout: durationOf(idle),
    maxRequestsPerConnection: requests,
    maxConnectionDuration: durationOf(duration),
  });
}

function protocolChoice(http: UpstreamHttp, pool: ConnectionPool['http']): HttpUpstreamOptions['upstreamProtocolOptions'] {
  const made = create(HttpUpstreamOptionsSchema, {
    upstreamProtocolOptions:
      http === 'downstream'
        ? { case: 'useDownstreamProtocolConfig', value: { httpProtocolOptions: {}, http2ProtocolOptions: {} } }
        : { case: 'explicitHttpConfig', value: { protocolConfig: explicitProtocol(http, pool) } },
  });
  return made.upstreamProtocolOptions;
}

function explicitProtocol(http: 'http1' | 'http2', pool: ConnectionPool['http']) {
  return http === 'http2'
    ? { case: 'http2ProtocolOptions' as const, value: http2Options(pool) }
    : { case: 'httpProtocolOptions' as const, value: create(Http1ProtocolOptionsSchema) };
}

function http2Options(pool: ConnectionPool['http']): Http2ProtocolOptions {
  const keepalive = pool?.http2KeepAlive;
  return create(Http2ProtocolOptionsSchema, {
    maxConcurrentStreams: pool?.maxConcurrentStreams || undefined,
    connectionKeepalive: keepalive && {
      interval: durationOf(keepalive.interval),
      timeout: durationOf(keepalive.timeout),
    },
  });
}
