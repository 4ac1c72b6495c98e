import type {
  AccessPolicyV1Spec,
  AuthorizationRule,
  AuthorizationSource,
  ConfigObject,
  IdentitySelectorV1,
} from '../../model/index.ts';

import { copied, type Marked, took } from '../sourced.ts';
import { inCluster } from './select.ts';

/** Istio takes it for the trust domain of its own mesh. */
const TRUST_DOMAIN = 'cluster.local';

/**
 * One rule of an AuthorizationPolicy at an egress gateway: who may call these hosts, and how (spec/gloo.md 1.9). Undefined when all of
 * the sources are in other clusters.
 */
export function accessRuleOf(
  policy: ConfigObject<AccessPolicyV1Spec>,
  hosts: Marked<readonly string[]>,
  cluster: string,
): Marked<AuthorizationRule> | undefined {
  const { sourceSelector = [], allowedPaths, allowedMethods } = policy.spec;
  const sources = sourceSelector.flatMap((selector, i) => {
    const source = sourceOf(selector, cluster);
    return source === undefined ? [] : [{ source: took<AuthorizationSource>(policy, ['spec', 'sourceSelector', i], source) }];
  });
  if (sourceSelector.length > 0 && sources.length === 0) return undefined;
  // An empty source lets anybody in, and so does a rule without sources.
  const anybody = sourceSelector.some((selector) => Object.keys(sourceOf(selector, cluster) ?? { none: true }).length === 0);
  return {
    ...(sources.length === 0 || anybody ? {} : { from: sources }),
    to: [
      {
        operation: {
          hosts,
          methods: copied(policy, ['spec', 'allowedMethods'], filled(allowedMethods)),
          paths: copied(policy, ['spec', 'allowedPaths'], filled(allowedPaths)),
        },
      },
    ],
  };
}

/** One source, all of whose fields must hold; undefined when it is in other clusters only. */
function sourceOf(
  { kubeIdentityMatcher: matcher, kubeServiceAccountRefs: refs, requestIpMatcher: addresses }: IdentitySelectorV1,
  cluster: string,
): AuthorizationSource | undefined {
  if (matcher !== undefined && !inCluster(matcher.clusters, cluster)) return undefined;
  const namespaces = (matcher?.namespaces ?? []).filter((namespace) => namespace !== '*');
  const inThisCluster = matcher?.clusters === undefined || matcher.clusters.length === 0;
  const accounts = (refs?.serviceAccounts ?? []).filter(
    ({ clusterName = '' }) => clusterName === '' || clusterName === '*' || clusterName === cluster,
  );
  if ((refs?.serviceAccounts ?? []).length > 0 && accounts.length === 0) return undefined;
  const principals = [
    ...accounts.map(({ namespace, name }) => principal(namespace, name)),
    ...(inThisCluster ? [] : (namespaces.length === 0 ? ['*'] : namespaces).map((namespace) => principal(namespace, '*'))),
  ];
  return {
    ...(principals.length === 0 ? {} : { principals }),
    ...(inThisCluster && namespaces.length > 0 ? { namespaces } : {}),
    ...(filled(addresses?.forwardedIPs) && { remoteIpBlocks: addresses!.forwardedIPs! }),
    ...(filled(addresses?.notForwardedIPs) && { notRemoteIpBlocks: addresses!.notForwardedIPs! }),
  };
}

/** Istio matches a prefix or a suffix: where a part is open, so is everything after it. */
function principal(namespace = '', account = ''): string {
  if (namespace === '' || namespace === '*')
    return account === '' || account === '*' ? `${TRUST_DOMAIN}/ns/*` : `*/sa/${account}`;
  return `${TRUST_DOMAIN}/ns/${namespace}/sa/${account === '' ? '*' : account}`;
}

function filled<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
