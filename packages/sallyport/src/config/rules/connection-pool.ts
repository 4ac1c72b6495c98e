import { parseDuration } from '../../lib/duration.ts';
import type { ConnectionPool } from '../../model/index.ts';
import { type Finding, invalid, missing } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkDuration } from './shared.ts';

/** Connection pool of DestinationRule and Sidecar (spec/istio.md 2.7). */
export function* checkConnectionPool(pool: ConnectionPool | undefined, field: Path): Iterable<Finding> {
  if (pool === undefined) return;
  if (pool.http === undefined && pool.tcp === undefined)
    yield missing(field, 'the connection pool is empty', 'set `tcp` or `http`, or leave it out');
  yield* checkHttp(pool.http, [...field, 'http']);
  yield* checkTcp(pool.tcp, [...field, 'tcp']);
}

function* checkHttp(http: ConnectionPool['http'], field: Path): Iterable<Finding> {
  if (http === undefined) return;
  const { http1MaxPendingRequests, http2MaxRequests, maxRequestsPerConnection, maxRetries, maxConcurrentStreams } = http;
  yield* checkNotNegative(
    { http1MaxPendingRequests, http2MaxRequests, maxRequestsPerConnection, maxRetries, maxConcurrentStreams },
    field,
  );
  yield* checkDuration(http.idleTimeout, [...field, 'idleTimeout']);
  if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol === true)
    yield invalid(
      [...field, 'useClientProtocol'],
      '`h2UpgradePolicy: UPGRADE` and `useClientProtocol` exclude each other',
      'keep one of them',
    );
  if (http.http2KeepAlive !== undefined) {
    const { interval, timeout } = http.http2KeepAlive;
    const at = [...field, 'http2KeepAlive'];
    if (interval === undefined) yield missing([...at, 'interval'], '`interval` is missing', 'for example 30s');
    if (timeout === undefined) yield missing([...at, 'timeout'], '`timeout` is missing', 'for example 5s');
    yield* checkDuration(interval, [...at, 'interval']);
    yield* checkDuration(timeout, [...at, 'timeout']);
  }
}

function* checkTcp(tcp: ConnectionPool['tcp'], field: Path): Iterable<Finding> {
  if (tcp === undefined) return;
  yield* checkNotNegative({ maxConnections: tcp.maxConnections }, field);
  yield* checkDuration(tcp.connectTimeout, [...field, 'connectTimeout']);
  yield* checkDuration(tcp.maxConnectionDuration, [...field, 'maxConnectionDuration']);
  yield* checkDuration(tcp.tcpKeepalive?.time, [...field, 'tcpKeepalive', 'time']);
  yield* checkDuration(tcp.tcpKeepalive?.interval, [...field, 'tcpKeepalive', 'interval']);
  // 0s switches the timeout off, here alone.
  if (tcp.idleTimeout !== undefined && parseDuration(tcp.idleTimeout) !== 0)
    yield* checkDuration(tcp.idleTimeout, [...field, 'idleTimeout']);
}

function* checkNotNegative(numbers: Readonly<Record<string, number | undefined>>, field: Path): Iterable<Finding> {
  for (const [name, number] of Object.entries(numbers))
    if (number !== undefined && number < 0) yield invalid([...field, name], `${number} is negative`, 'write 0 or more');
}
