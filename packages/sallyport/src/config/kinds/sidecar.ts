import { connectionPool, destination, port, serverTls, workloadSelector } from './parts.ts';
import { choice, list, message, text, texts } from './shape.ts';

const captureMode = choice('DEFAULT', 'IPTABLES', 'NONE');

/** networking.istio.io Sidecar (spec/istio.md 2.4). */
export const sidecar = message({
  workloadSelector,
  ingress: list(message({ port, bind: text, captureMode, defaultEndpoint: text, tls: serverTls, connectionPool })),
  egress: list(message({ port, bind: text, captureMode, hosts: texts })),
  inboundConnectionPool: connectionPool,
  outboundTrafficPolicy: message({
    mode: { ...choice('REGISTRY_ONLY', 'ALLOW_ANY', 'ALLOW_ANY_DYNAMIC_DNS'), numbers: [0, 1, 3] },
    egressProxy: destination,
  }),
});
