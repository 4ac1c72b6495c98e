import { choice, labels, list, message, text, texts } from './shape.ts';

const target = message({ group: text, kind: text, name: text, namespace: text });

/** A list and its negation. */
const both = (name: string) => ({ [name]: texts, [`not${name[0]!.toUpperCase()}${name.slice(1)}`]: texts });

const source = message({
  ...both('principals'),
  ...both('requestPrincipals'),
  ...both('namespaces'),
  ...both('serviceAccounts'),
  ...both('trustDomains'),
  ...both('ipBlocks'),
  ...both('remoteIpBlocks'),
});
const operation = message({ ...both('hosts'), ...both('ports'), ...both('methods'), ...both('paths') });
const condition = message({ key: text, values: texts, notValues: texts });

/** security.istio.io AuthorizationPolicy (Istio's CRD in conformance/crds). */
export const authorizationPolicy = message({
  selector: message({ matchLabels: labels }),
  targetRef: target,
  targetRefs: list(target),
  action: choice('ALLOW', 'DENY', 'AUDIT', 'CUSTOM'),
  provider: message({ name: text }),
  rules: list(message({ from: list(message({ source })), to: list(message({ operation })), when: list(condition) })),
});
