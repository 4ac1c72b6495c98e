import { flag, intOrText, labels, list, open, text, texts, uint32 } from './shape.ts';

/** What is read of the core Kubernetes kinds (spec/istio.md 12). Their other fields are Kubernetes' business. */

export const namespace = open({});

export const service = open({
  type: text,
  clusterIP: text,
  clusterIPs: texts,
  externalName: text,
  selector: labels,
  ports: list(open({ name: text, port: uint32, protocol: text, appProtocol: text, targetPort: intOrText }, ['port'])),
  publishNotReadyAddresses: flag,
  internalTrafficPolicy: text,
  trafficDistribution: text,
});

export const pod = open({
  serviceAccountName: text,
  subdomain: text,
  hostname: text,
  nodeName: text,
  containers: list(open({ ports: list(open({ name: text, containerPort: uint32, protocol: text }, ['containerPort'])) })),
});

export const endpointSlice = open({
  addressType: text,
  endpoints: list(
    open({
      addresses: texts,
      conditions: open({ ready: flag, serving: flag, terminating: flag }),
      targetRef: open({ kind: text, name: text, namespace: text }),
      nodeName: text,
      zone: text,
      hostname: text,
    }),
  ),
  ports: list(open({ name: text, port: uint32, protocol: text, appProtocol: text })),
});

export const configMap = open({ data: labels });

/** What is in it is looked at by a rule, which repeats none of it. */
export const secret = open({ type: text });
