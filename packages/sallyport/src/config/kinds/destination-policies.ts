import { glooLocality } from './external-endpoint.ts';
import { destinationSelector, workloadSelectors } from './gloo-selectors.ts';
import { tcpKeepalive } from './parts.ts';
import { choice, double, duration, flag, int32, list, message, type Shape, text, texts, uint32 } from './shape.ts';

/** Policies of Gloo Mesh v2 on destinations (spec/gloo.md 2.9). */

const onDestinations = (properties: Readonly<Record<string, Shape>>, ...exclusive: readonly (readonly string[])[]): Shape =>
  message({ applyToDestinations: list(destinationSelector), ...properties }, ...exclusive);

export const connectionPolicy = onDestinations({
  config: message({
    tcp: message({
      tcpKeepalive,
      maxConnections: int32,
      connectTimeout: duration,
      maxConnectionDuration: duration,
    }),
    http: message({
      maxRequestsPerConnection: int32,
      maxRetries: int32,
      maxRequests: int32,
      maxPendingRequests: int32,
      idleTimeout: duration,
    }),
  }),
});

export const outlierDetectionPolicy = onDestinations({
  config: message({
    consecutiveErrors: uint32,
    interval: duration,
    baseEjectionTime: duration,
    maxEjectionPercent: uint32,
    consecutiveGatewayErrors: uint32,
  }),
});

export const failoverPolicy = onDestinations({
  config: message({
    localityMappings: list(
      message({
        from: glooLocality,
        to: list(message({ region: text, zone: text, subZone: text, weight: uint32 })),
      }),
    ),
    priorityLabels: message({ labels: texts }),
  }),
});

export const loadBalancerPolicy = onDestinations({
  config: message(
    {
      simple: choice('UNSPECIFIED', 'RANDOM', 'PASSTHROUGH', 'ROUND_ROBIN', 'LEAST_REQUEST'),
      consistentHash: message(
        {
          httpHeaderName: text,
          httpCookie: message({ name: text, path: text, ttl: duration }),
          useSourceIp: flag,
          httpQueryParameterName: text,
        },
        ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'],
      ),
      warmupDurationSecs: duration,
      healthyPanicThreshold: double,
      updateMergeWindow: duration,
    },
    ['simple', 'consistentHash'],
  ),
});

const nothing = message({});
const tlsConfig = message({ config: message({ sni: text, credentialName: text }) });

export const clientTlsPolicy = onDestinations({ disable: nothing, simple: tlsConfig, mutual: tlsConfig, istioMutual: nothing }, [
  'disable',
  'simple',
  'mutual',
  'istioMutual',
]);

export const trimProxyConfigPolicy = message({
  applyToWorkloads: workloadSelectors,
  config: message({ includedDestinations: list(destinationSelector) }),
});
