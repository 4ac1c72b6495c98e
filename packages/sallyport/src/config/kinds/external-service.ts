import { glooPort, reference } from './gloo-selectors.ts';
import { choice, flag, labels, list, message, text, texts, uint32 } from './shape.ts';

const clientsideTls = message({
  sni: text,
  mode: choice('SIMPLE', 'DISABLE', 'MUTUAL', 'ISTIO_MUTUAL'),
  clientCertificate: text,
  privateKey: text,
  caCertificates: text,
  credentialName: text,
  insecureSkipVerify: flag,
});

/** networking.gloo.solo.io/v2 ExternalService (spec/gloo.md 2.2). */
export const externalService = message({
  hosts: texts,
  addresses: texts,
  ports: list(
    message({
      number: uint32,
      name: text,
      protocol: text,
      targetPort: glooPort,
      clientsideTls,
      egressGatewayRoutes: message({ portMatch: uint32, virtualGatewayRefs: list(reference) }),
    }),
  ),
  selector: labels,
  subjectAltNames: texts,
});
