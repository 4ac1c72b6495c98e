import { glooPort, objectSelector, workloadSelectors } from './gloo-selectors.ts';
import { choice, flag, list, message, open, text, texts } from './shape.ts';

const version = choice('TLS_AUTO', 'TLSv1_0', 'TLSv1_1', 'TLSv1_2', 'TLSv1_3');

const tls = message({
  secretName: text,
  files: message({ serverCert: text, privateKey: text, caCerts: text }),
  verifySubjectAltName: texts,
  parameters: message({ minimumProtocolVersion: version, maximumProtocolVersion: version, cipherSuites: texts }),
  mode: choice('PASSTHROUGH', 'SIMPLE', 'MUTUAL', 'AUTO_PASSTHROUGH', 'ISTIO_MUTUAL'),
});

/** networking.gloo.solo.io/v2 VirtualGateway (spec/gloo.md 2.7). */
export const virtualGateway = message({
  workloads: workloadSelectors,
  listeners: list(
    message({
      port: glooPort,
      tls,
      httpsRedirect: flag,
      http: open({}),
      tcp: open({}),
      allowedRouteTables: list(message({ host: text, selector: objectSelector, allowedRoutes: list(open({})) })),
      exposedExternalServices: list(message({ host: text, selector: objectSelector })),
      appProtocol: text,
    }),
  ),
});
