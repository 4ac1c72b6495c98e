import { isSubsetOf } from '../../lib/host.ts';
import type {
  AccessPolicyV1Spec,
  AuthorizationPolicySpec,
  AuthorizationRule,
  ConfigObject,
  GatewaySpec,
  Issue,
  Translated,
} from '../../model/index.ts';

import { type Marked, madeFrom, took } from '../sourced.ts';
import type { TranslateSettings } from '../types.ts';
import { accessRuleOf } from './access-policy.ts';
import type { ExternalDestination } from './destination.ts';
import { parentsAnnotation } from './parents.ts';
import { selectsExternal } from './select.ts';

type Gateway = ConfigObject<GatewaySpec>;
type AccessPolicy = ConfigObject<AccessPolicyV1Spec>;

/** Hosts of the servers on which a gateway sees requests, without the namespace that may stand before them. */
export function readableHostsOf({ spec: { servers = [] } }: Gateway): readonly string[] {
  return servers
    .filter(({ port, tls }) => READABLE.includes((port?.protocol ?? '').toUpperCase()) && tls?.mode !== 'PASSTHROUGH')
    .flatMap(({ hosts = [] }) => hosts.map((host) => host.slice(host.indexOf('/') + 1).toLowerCase()));
}

const READABLE = ['HTTP', 'HTTP2', 'GRPC', 'HTTPS'];

export function governs(gateway: Gateway, host: string): boolean {
  return readableHostsOf(gateway).some((served) => served === '*' || isSubsetOf(host.toLowerCase(), served));
}

/**
 * The AuthorizationPolicy at an egress gateway for the external services that leave through it, or undefined when no AccessPolicy is
 * for them (spec/gloo.md 1.9, 2.7). Hosts without AccessPolicy stay open: a policy that allows closes everything else.
 */
export function accessAt(
  gateway: Gateway,
  destinations: readonly ExternalDestination[],
  policies: readonly AccessPolicy[],
  settings: TranslateSettings,
): Translated | undefined {
  const [first] = policies;
  if (first === undefined) return undefined;
  const governed = new Set<string>();
  const rules: Marked<AuthorizationRule>[] = [];
  for (const policy of policies) {
    const hosts = destinations
      .filter((destination) => selectsExternal(policy.spec.destinationSelector, destination))
      .flatMap(({ spec }) => spec.externalService.hosts ?? [])
      .filter((host) => governs(gateway, host));
    for (const host of hosts) governed.add(host);
    const rule = accessRuleOf(policy, took(policy, ['spec', 'destinationSelector'], withPorts(hosts)), settings.cluster);
    if (hosts.length > 0 && rule !== undefined) rules.push(rule);
  }
  if (governed.size === 0) return undefined;
  const open: AuthorizationRule = { to: [{ operation: { notHosts: withPorts([...governed].sort()) } }] };
  const { namespace, name } = gateway.key;
  return madeFrom<AuthorizationPolicySpec>(first, {
    kind: 'AuthorizationPolicy',
    name: `access-${namespace}-${name}`,
    namespace: settings.rootNamespace,
    annotations: parentsAnnotation(policies),
    spec: {
      action: 'ALLOW',
      ...(gateway.spec.selector === undefined ? {} : { selector: { matchLabels: gateway.spec.selector } }),
      rules: [...rules, open as Marked<AuthorizationRule>],
    },
  });
}

/** Clients may write the port into the Host header. */
function withPorts(hosts: readonly string[]): readonly string[] {
  return hosts.flatMap((host) => [host, `${host}:*`]);
}

/** What is said of an AccessPolicy on an external service that its callers reach directly. */
export function notEnforced(policy: AccessPolicy, { key, spec }: ExternalDestination): Issue {
  const [host = ''] = spec.externalService.hosts ?? [];
  return {
    code: 'UNSUPPORTED',
    severity: 'warning',
    object: policy.key,
    ...(policy.spec.destinationSelector === undefined ? {} : { field: ['spec', 'destinationSelector'] }),
    message: `access to Destination ${key.namespace}/${key.name} is not restricted: its callers reach it directly, and an AccessPolicy is enforced where calls arrive`,
    hint: `send calls to ${host} through an egress gateway: a Gateway with this host in one of its servers, and a VirtualService that leads there`,
  };
}
