import { connectionPool, portSelector } from './parts.ts';
import {
  choice,
  double,
  duration,
  flag,
  int32,
  labels,
  list,
  map,
  message,
  strictChoice,
  text,
  texts,
  uint32,
  uint64,
} from './shape.ts';

const failover = list(message({ from: text, to: text }));

const loadBalancer = message(
  {
    simple: choice('UNSPECIFIED', 'LEAST_CONN', 'RANDOM', 'PASSTHROUGH', 'ROUND_ROBIN', 'LEAST_REQUEST'),
    consistentHash: message(
      {
        httpHeaderName: text,
        httpCookie: message({
          name: text,
          path: text,
          ttl: duration,
          attributes: list(message({ name: text, value: text })),
        }),
        useSourceIp: flag,
        httpQueryParameterName: text,
        ringHash: message({ minimumRingSize: uint64 }),
        maglev: message({ tableSize: uint64 }),
        minimumRingSize: uint64,
      },
      ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'],
      ['ringHash', 'maglev'],
    ),
    backendUtilization: message({
      errorUtilizationPenaltyPercent: uint32,
      metricNamesForComputingUtilization: texts,
      weightExpirationPeriod: duration,
      weightStabilizationPeriod: duration,
      weightUpdatePeriod: duration,
    }),
    localityLbSetting: message({
      distribute: list(message({ from: text, to: map(uint32) })),
      failover,
      failoverPriority: texts,
      enabled: flag,
    }),
    zoneAwareLbSetting: message({ failover, failoverPriority: texts, enabled: flag, minClusterSize: uint32 }),
    warmupDurationSecs: duration,
    warmup: message({ duration, minimumPercent: double, aggression: double }),
  },
  ['simple', 'consistentHash', 'backendUtilization'],
);

const outlierDetection = message({
  consecutiveErrors: int32,
  splitExternalLocalOriginErrors: flag,
  consecutiveLocalOriginFailures: uint32,
  consecutiveGatewayErrors: uint32,
  consecutive5xxErrors: uint32,
  interval: duration,
  baseEjectionTime: duration,
  maxEjectionPercent: int32,
  minHealthPercent: int32,
  outlierDetectionHttpErrorCodes: list(uint32),
});

const tls = message({
  mode: choice('DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'),
  clientCertificate: text,
  privateKey: text,
  caCertificates: text,
  credentialName: text,
  subjectAltNames: texts,
  sni: text,
  insecureSkipVerify: flag,
  caCrl: text,
});

const blocks = { loadBalancer, connectionPool, outlierDetection, tls };

const trafficPolicy = message({
  ...blocks,
  portLevelSettings: list(message({ port: portSelector, ...blocks })),
  tunnel: message({ protocol: text, targetHost: text, targetPort: uint32 }),
  proxyProtocol: message({ version: strictChoice('V1', 'V2') }),
  retryBudget: message({ percent: double, minRetryConcurrency: uint32, budgetInterval: duration }),
});

/** networking.istio.io DestinationRule (spec/istio.md 2.5). */
export const destinationRule = message({
  host: text,
  trafficPolicy,
  subsets: list(message({ name: text, labels, trafficPolicy })),
  exportTo: texts,
  workloadSelector: message({ matchLabels: labels }),
});
