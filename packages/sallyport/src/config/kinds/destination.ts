import { objectRef } from './selectors-v1.ts';
import { flag, list, map, message, open, text, texts, uint32 } from './shape.ts';

/** discovery.mesh.gloo.solo.io/v1 Destination (spec/gloo.md 1.1); what discovery writes about Kubernetes Services is not read. */
export const destination = message(
  {
    kubeService: open({}),
    externalService: message({
      name: text,
      hosts: texts,
      addresses: texts,
      ports: list(message({ number: uint32, name: text, protocol: text })),
      endpoints: list(message({ address: text, ports: map(uint32) })),
      exportTo: list(message({ clusters: texts, namespaces: texts })),
      options: message({ autoHostRewrite: flag }),
    }),
    mesh: objectRef,
  },
  ['kubeService', 'externalService'],
);
