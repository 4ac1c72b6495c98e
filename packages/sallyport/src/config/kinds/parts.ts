import { choice, double, duration, flag, int32, labels, list, message, text, texts, uint32 } from './shape.ts';

/** Shapes that several Istio kinds have in common. */

export const workloadSelector = message({ labels });
export const percent = message({ value: double });
export const portSelector = message({ number: uint32 });

export const port = message({ number: uint32, protocol: text, name: text, targetPort: uint32 });

export const tcpKeepalive = message({ probes: uint32, time: duration, interval: duration });

export const connectionPool = message({
  tcp: message({
    maxConnections: int32,
    connectTimeout: duration,
    tcpKeepalive,
    maxConnectionDuration: duration,
    idleTimeout: duration,
  }),
  http: message({
    http1MaxPendingRequests: int32,
    http2MaxRequests: int32,
    maxRequestsPerConnection: int32,
    maxRetries: int32,
    idleTimeout: duration,
    h2UpgradePolicy: choice('DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'),
    useClientProtocol: flag,
    maxConcurrentStreams: int32,
    http2KeepAlive: message({ interval: duration, timeout: duration }),
  }),
});

export const destination = message({ host: text, subset: text, port: portSelector });

const tlsVersion = choice('TLS_AUTO', 'TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3');

/** TLS settings of a server, as in Sidecar ingress. */
export const serverTls = message({
  httpsRedirect: flag,
  mode: choice('PASSTHROUGH', 'SIMPLE', 'MUTUAL', 'AUTO_PASSTHROUGH', 'ISTIO_MUTUAL', 'OPTIONAL_MUTUAL'),
  serverCertificate: text,
  privateKey: text,
  caCertificates: text,
  caCrl: text,
  subjectAltNames: texts,
  credentialName: text,
  credentialNames: texts,
  caCertCredentialName: text,
  tlsCertificates: list(message({ serverCertificate: text, privateKey: text, caCertificates: text })),
  verifyCertificateSpki: texts,
  verifyCertificateHash: texts,
  minProtocolVersion: tlsVersion,
  maxProtocolVersion: tlsVersion,
  cipherSuites: texts,
  ecdhCurves: texts,
  insecureSkipVerify: flag,
});
