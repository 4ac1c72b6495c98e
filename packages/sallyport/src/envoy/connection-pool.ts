import { create } from '@bufbuild/protobuf';
import type { Duration } from '@bufbuild/protobuf/wkt';
import {
  type CircuitBreakers,
  CircuitBreakersSchema,
  type UpstreamConnectionOptions,
  UpstreamConnectionOptionsSchema,
} from '@sallyport/apis/cluster';
import { parseDuration } from '../lib/duration.ts';
import type { ConnectionPool, MeshConfig, TcpKeepalive, TrafficPolicy } from '../model/index.ts';
import { durationOf } from './encode.ts';

/** No limit: Envoy's own defaults (1024 connections, 3 retries …) would surprise whoever set none. */
const UNLIMITED = 4_294_967_295;

/** Limits of one cluster; zero and absent mean no limit (spec/istio.md 4.6). */
export function circuitBreakers(pool: ConnectionPool | undefined, budget: TrafficPolicy['retryBudget']): CircuitBreakers {
  const { tcp, http } = pool ?? {};
  return create(CircuitBreakersSchema, {
    thresholds: [
      {
        maxConnections: tcp?.maxConnections || UNLIMITED,
        maxPendingRequests: http?.http1MaxPendingRequests || UNLIMITED,
        maxRequests: http?.http2MaxRequests || UNLIMITED,
        maxRetries: http?.maxRetries || UNLIMITED,
        retryBudget: budget && {
          budgetPercent: { value: Math.min(Math.max(budget.percent ?? 20, 0), 100) },
          minRetryConcurrency: budget.minRetryConcurrency || 3,
          budgetInterval: durationOf(budget.budgetInterval),
        },
      },
    ],
  });
}

export function connectTimeout(pool: ConnectionPool | undefined, mesh: Pick<MeshConfig, 'connectTimeout'>): Duration | undefined {
  return durationOf(pool?.tcp?.connectTimeout) ?? durationOf(mesh.connectTimeout);
}

/** TCP keep-alive of upstream connections: the mesh's, each field of which the rule may override. */
export function connectionOptions(
  pool: ConnectionPool | undefined,
  mesh: Pick<MeshConfig, 'tcpKeepalive'>,
): UpstreamConnectionOptions | undefined {
  if (pool?.tcp?.tcpKeepalive === undefined && mesh.tcpKeepalive === undefined) return undefined;
  const wanted: TcpKeepalive = { ...mesh.tcpKeepalive, ...pool?.tcp?.tcpKeepalive };
  return create(UpstreamConnectionOptionsSchema, {
    tcpKeepalive: {
      keepaliveProbes: wanted.probes || undefined,
      keepaliveTime: wholeSeconds(wanted.time),
      keepaliveInterval: wholeSeconds(wanted.interval),
    },
  });
}

function wholeSeconds(text: string | undefined): number | undefined {
  const nanoseconds = text === undefined ? undefined : parseDuration(text);
  return nanoseconds === undefined ? undefined : Math.trunc(nanoseconds / 1e9);
}
