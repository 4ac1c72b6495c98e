import { glooPort, objectSelector } from './gloo-selectors.ts';
import { list, message, open, text, texts, uint32 } from './shape.ts';

const empty = open({});

/** How calls to another cluster are carried; there is one cluster here. */
export const clientMode = message({ auto: empty, sniRouting: empty, tlsTermination: empty }, [
  'auto',
  'sniRouting',
  'tlsTermination',
]);

/** networking.gloo.solo.io/v2 VirtualDestination (spec/gloo.md 2.8). */
export const virtualDestination = message({
  hosts: texts,
  services: list(objectSelector),
  externalServices: list(objectSelector),
  externalWorkloads: list(objectSelector),
  ports: list(message({ number: uint32, protocol: text, targetPort: glooPort })),
  clientMode,
});
