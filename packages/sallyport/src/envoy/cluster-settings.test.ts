import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import type { LoadBalancer, Protocol, TrafficPolicy } from '../model/index.ts';
import { built, type Case } from './testing/cluster-rows.ts';

const MAIN = 'outbound|80||a.example';
function cluster(trafficPolicy: TrafficPolicy | undefined, given: Case = {}): JsonObject {
  const found = built(trafficPolicy === undefined ? given : { ...given, rule: { trafficPolicy } }).clusters[MAIN];
  assert.ok(found);
  return found;
}
function options(trafficPolicy: TrafficPolicy | undefined, protocol: Protocol = 'http', given: Case = {}): unknown {
  const ports = [{ number: 80, name: 'http', protocol }];
  const all = cluster(trafficPolicy, { ...given, service: { ports } })['typedExtensionProtocolOptions'] as
    | Record<string, object>
    | undefined;
  if (all === undefined) return undefined;
  const { '@type': _, ...rest } = all['envoy.extensions.upstreams.http.v3.HttpProtocolOptions'] as Record<string, unknown>;
  return rest;
}
const HTTP1 = { explicitHttpConfig: { httpProtocolOptions: {} } };
const HTTP2 = { explicitHttpConfig: { http2ProtocolOptions: {} } };
const AS_CALLER = { useDownstreamProtocolConfig: { httpProtocolOptions: {}, http2ProtocolOptions: {} } };

test('the protocol upstream follows the port', () => {
  for (const protocol of ['http', 'tcp', 'tls', 'https', 'mongo'] as const) assert.equal(options(undefined, protocol), undefined);
  for (const protocol of ['http2', 'grpc', 'grpc-web'] as const) assert.deepEqual(options(undefined, protocol), HTTP2);
  assert.deepEqual(options(undefined, 'auto'), AS_CALLER);
  assert.equal(options(undefined, 'auto', { facet: { role: 'router' } }), undefined);
});

test('h2UpgradePolicy: the rule’s counts for every port that declares something, the mesh’s for HTTP ports', () => {
  const upgrade = { connectionPool: { http: { h2UpgradePolicy: 'UPGRADE' as const } } };
  assert.deepEqual(options(upgrade, 'tcp'), HTTP2);
  assert.deepEqual(options(upgrade, 'auto'), AS_CALLER, 'a port that says nothing is not upgraded');
  const mesh = { mesh: { h2UpgradePolicy: 'UPGRADE' as const } };
  assert.deepEqual(options(undefined, 'http', mesh), HTTP2);
  assert.equal(options(undefined, 'tcp', mesh), undefined);
  assert.deepEqual(options(undefined, 'auto', mesh), AS_CALLER);
  assert.equal(options({ connectionPool: { http: { h2UpgradePolicy: 'DO_NOT_UPGRADE' } } }, 'http', mesh), undefined);
});

test('useClientProtocol speaks as the caller does', () => {
  assert.deepEqual(options({ connectionPool: { http: { useClientProtocol: true } } }, 'http2'), AS_CALLER);
});

test('a connection pool sets limits, timeouts and keep-alive; HTTP options name the protocol', () => {
  const connectionPool = {
    tcp: {
      maxConnections: 100,
      connectTimeout: '3s',
      tcpKeepalive: { probes: 3, time: '60s' },
      maxConnectionDuration: '1h',
      idleTimeout: '99s',
    },
    http: { http1MaxPendingRequests: 10, http2MaxRequests: 20, maxRequestsPerConnection: 2, maxRetries: 4, idleTimeout: '15s' },
  };
  const { circuitBreakers, connectTimeout, upstreamConnectionOptions } = cluster({ connectionPool });
  assert.deepEqual(circuitBreakers, {
    thresholds: [{ maxConnections: 100, maxPendingRequests: 10, maxRequests: 20, maxRetries: 4 }],
  });
  assert.equal(connectTimeout, '3s');
  assert.deepEqual(upstreamConnectionOptions, { tcpKeepalive: { keepaliveProbes: 3, keepaliveTime: 60 } });
  const common = { idleTimeout: '15s', maxConnectionDuration: '3600s', maxRequestsPerConnection: 2 };
  assert.deepEqual(options({ connectionPool }, 'tcp'), { commonHttpProtocolOptions: common, ...HTTP1 });
  assert.deepEqual(options({ connectionPool }, 'http2'), { commonHttpProtocolOptions: common, ...HTTP2 });
});

test('the TCP idle timeout counts where HTTP has none', () => {
  assert.deepEqual(options({ connectionPool: { tcp: { idleTimeout: '9s' } } }), {
    commonHttpProtocolOptions: { idleTimeout: '9s' },
    ...HTTP1,
  });
});

test('a limit of zero is no limit', () => {
  const connectionPool = { tcp: { maxConnections: 0 }, http: { maxRetries: 0, maxRequestsPerConnection: 0 } };
  assert.deepEqual(cluster({ connectionPool })['circuitBreakers'], cluster(undefined)['circuitBreakers']);
  assert.equal(options({ connectionPool }), undefined);
});

test('streams and keep-alive of HTTP/2 are set on HTTP/2 only', () => {
  const http = { maxConcurrentStreams: 7, http2KeepAlive: { interval: '5s', timeout: '1s' } };
  assert.deepEqual(options({ connectionPool: { http } }, 'grpc'), {
    explicitHttpConfig: {
      http2ProtocolOptions: { maxConcurrentStreams: 7, connectionKeepalive: { interval: '5s', timeout: '1s' } },
    },
  });
  assert.equal(options({ connectionPool: { http } }, 'http'), undefined);
});

test('keep-alive of the mesh is overridden field by field', () => {
  const mesh = { mesh: { tcpKeepalive: { probes: 9, time: '10s' } } };
  assert.deepEqual(cluster(undefined, mesh)['upstreamConnectionOptions'], {
    tcpKeepalive: { keepaliveProbes: 9, keepaliveTime: 10 },
  });
  assert.deepEqual(
    cluster({ connectionPool: { tcp: { tcpKeepalive: { interval: '2s', probes: 1 } } } }, mesh)['upstreamConnectionOptions'],
    {
      tcpKeepalive: { keepaliveProbes: 1, keepaliveTime: 10, keepaliveInterval: 2 },
    },
  );
});

test('a retry budget has defaults for what it leaves out', () => {
  const budgetOf = (retryBudget: NonNullable<TrafficPolicy['retryBudget']>) =>
    (cluster({ retryBudget })['circuitBreakers'] as { thresholds: { retryBudget: unknown }[] }).thresholds[0]?.retryBudget;
  assert.deepEqual(budgetOf({}), { budgetPercent: { value: 20 }, minRetryConcurrency: 3 });
  assert.deepEqual(budgetOf({ percent: 0, minRetryConcurrency: 0 }), { budgetPercent: {}, minRetryConcurrency: 3 });
  assert.deepEqual(budgetOf({ percent: 50, minRetryConcurrency: 1, budgetInterval: '5s' }), {
    budgetPercent: { value: 50 },
    minRetryConcurrency: 1,
    budgetInterval: '5s',
  });
});

test('outlier detection ejects by consecutive errors alone', () => {
  assert.deepEqual(cluster({ outlierDetection: { consecutive5xxErrors: 2 } })['outlierDetection'], {
    consecutive5xx: 2,
    enforcingConsecutive5xx: 100,
    enforcingSuccessRate: 0,
  });
  assert.deepEqual(
    cluster({
      outlierDetection: {
        consecutive5xxErrors: 0,
        consecutiveGatewayErrors: 3,
        interval: '10s',
        baseEjectionTime: '1m',
        maxEjectionPercent: 50,
        splitExternalLocalOriginErrors: true,
        consecutiveLocalOriginFailures: 4,
      },
    })['outlierDetection'],
    {
      consecutive5xx: 0,
      enforcingConsecutive5xx: 0,
      consecutiveGatewayFailure: 3,
      enforcingConsecutiveGatewayFailure: 100,
      enforcingSuccessRate: 0,
      interval: '10s',
      baseEjectionTime: '60s',
      maxEjectionPercent: 50,
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailure: 4,
      enforcingConsecutiveLocalOriginFailure: 100,
      enforcingLocalOriginSuccessRate: 0,
    },
  );
});

test('listed status codes say what an error is', () => {
  const status = (exact: string) => ({ httpResponseHeadersMatch: { headers: [{ name: ':status', stringMatch: { exact } }] } });
  const codes = (...outlierDetectionHttpErrorCodes: number[]) =>
    options({ outlierDetection: { outlierDetectionHttpErrorCodes } });
  assert.deepEqual(codes(429), { ...HTTP1, outlierDetection: { errorMatcher: status('429') } });
  assert.deepEqual(codes(429, 503), {
    ...HTTP1,
    outlierDetection: { errorMatcher: { orMatch: { rules: [status('429'), status('503')] } } },
  });
  assert.equal(codes(), undefined);
});

test('minHealthPercent is the panic threshold, otherwise there is no panic', () => {
  const of = (minHealthPercent: number) => cluster({ outlierDetection: { minHealthPercent } })['commonLbConfig'];
  assert.deepEqual(of(0), { healthyPanicThreshold: {} });
  assert.deepEqual(of(30), { healthyPanicThreshold: { value: 30 } });
});

test('balancing: the user’s words become Envoy’s', () => {
  const picked = (loadBalancer: LoadBalancer) => {
    const { lbPolicy, ringHashLbConfig, maglevLbConfig, roundRobinLbConfig, leastRequestLbConfig } = cluster({ loadBalancer });
    const config = ringHashLbConfig ?? maglevLbConfig ?? roundRobinLbConfig ?? leastRequestLbConfig;
    return config === undefined ? [lbPolicy] : [lbPolicy, config];
  };
  assert.deepEqual(picked({}), ['LEAST_REQUEST']);
  assert.deepEqual(picked({ simple: 'LEAST_CONN' }), ['LEAST_REQUEST']);
  assert.deepEqual(picked({ simple: 'ROUND_ROBIN' }), [undefined]);
  assert.deepEqual(picked({ simple: 'RANDOM' }), ['RANDOM']);
  assert.deepEqual(picked({ consistentHash: { useSourceIp: true } }), ['RING_HASH', { minimumRingSize: '1024' }]);
  assert.deepEqual(picked({ consistentHash: { ringHash: { minimumRingSize: 7 } } }), ['RING_HASH', { minimumRingSize: '7' }]);
  assert.deepEqual(picked({ consistentHash: { minimumRingSize: 9 } }), ['RING_HASH', { minimumRingSize: '9' }]);
  assert.deepEqual(picked({ consistentHash: { maglev: { tableSize: 101 } } }), ['MAGLEV', { tableSize: '101' }]);
  assert.deepEqual(picked({ consistentHash: { maglev: {} } }), ['MAGLEV']);
});

test('warm-up is a slow start, with Istio’s defaults', () => {
  const key = 'sallyport.slow_start.aggression';
  const slow = (window: string, aggression = 1, percent = 10) => ({
    slowStartConfig: {
      slowStartWindow: window,
      aggression: { defaultValue: aggression, runtimeKey: key },
      minWeightPercent: { value: percent },
    },
  });
  assert.deepEqual(cluster({ loadBalancer: { warmup: { duration: '30s' } } })['leastRequestLbConfig'], slow('30s'));
  const loadBalancer = { simple: 'ROUND_ROBIN' as const, warmup: { duration: '30s', aggression: 1.5, minimumPercent: 20 } };
  assert.deepEqual(cluster({ loadBalancer })['roundRobinLbConfig'], slow('30s', 1.5, 20));
  assert.deepEqual(cluster({ loadBalancer: { warmupDurationSecs: '9s' } })['leastRequestLbConfig'], slow('9s'));
});

test('localities are weighed with distribute, and with failover where failures are noticed', () => {
  const weighs = (trafficPolicy: TrafficPolicy) =>
    (cluster(trafficPolicy)['commonLbConfig'] as JsonObject)['localityWeightedLbConfig'] !== undefined;
  const failover = { localityLbSetting: { failover: [{ from: 'eu', to: 'us' }] } };
  const outlierDetection = { consecutive5xxErrors: 1 };
  assert.equal(weighs({ loadBalancer: failover }), false);
  assert.equal(weighs({ outlierDetection }), false);
  assert.equal(weighs({ outlierDetection, loadBalancer: failover }), true);
  assert.equal(
    weighs({ outlierDetection, loadBalancer: { localityLbSetting: { ...failover.localityLbSetting, enabled: false } } }),
    false,
  );
  assert.equal(weighs({ outlierDetection, loadBalancer: { localityLbSetting: { failoverPriority: ['a'] } } }), true);
  assert.equal(weighs({ loadBalancer: { localityLbSetting: { distribute: [{ from: '*', to: { '*': 100 } }] } } }), true);
});

test('zone awareness is a matter of Envoy’s own, and is turned off by zero percent', () => {
  const common = (zoneAwareLbSetting: object) =>
    (cluster({ loadBalancer: { zoneAwareLbSetting } })['commonLbConfig'] as JsonObject)['zoneAwareLbConfig'];
  assert.deepEqual(common({}), {});
  assert.deepEqual(common({ minClusterSize: 3 }), { minClusterSize: '3' });
  assert.deepEqual(common({ enabled: false, failoverPriority: ['a'] }), { routingEnabled: {} });
});
