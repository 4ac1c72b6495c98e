import { isWildcard } from '../../../lib/host.ts';
import type {
  AccessCase,
  AllowedClient,
  AuthorizationPolicySpec,
  AuthorizationSource,
  ConfigObject,
  FieldPath,
  GlooAccessPolicySpec,
  Issue,
  Translated,
} from '../../../model/index.ts';
import { type Marked, madeFrom, took } from '../../sourced.ts';
import { publishedLabels, sanitizedName } from '../names.ts';
import type { Door, Egress, EgressPort } from './egress.ts';

export type AccessPolicy = ConfigObject<GlooAccessPolicySpec>;
type Rule = NonNullable<AuthorizationPolicySpec['rules']>[number];
type Source = AuthorizationSource;

/** Istio reads it as the trust domain of the mesh, whatever that is called. */
const TRUST_DOMAIN = 'cluster.local';

interface AllowedCase {
  readonly field: FieldPath;
  readonly source: readonly Source[];
  readonly one: AccessCase;
}

/** The cases that a policy lists: `authzList` takes the place of `authz`. */
function casesOf({ spec: { config = {} } }: AccessPolicy): readonly AccessCase[] {
  return config.authzList ?? (config.authz === undefined ? [] : [config.authz]);
}

/** Whether it decides anything: a policy without cases does not, and cases that are only tried do not either. */
export function isEnforced(policy: AccessPolicy): boolean {
  return casesOf(policy).some(({ dryRun = false }) => !dryRun);
}

/** What an AccessPolicy allows, as rules without the host they are for; cases that cannot be written allow nothing. */
export interface Allowed {
  readonly rules: readonly AllowedCase[];
  readonly issues: readonly Issue[];
}

/** The cases of a policy (spec/gloo.md 2.9). `namespaces`: those of its workspace; none where they are all there are. */
export function allowedBy(policy: AccessPolicy, namespaces: readonly string[]): Allowed {
  const { config = {} } = policy.spec;
  const issues: Issue[] = [];
  const say = (code: Issue['code'], severity: Issue['severity'], field: FieldPath, message: string, hint: string): void => {
    issues.push({ code, severity, object: policy.key, field: ['spec', 'config', ...field], message, hint });
  };
  if (config.enforcementLayers?.cni === true)
    say(
      'UNTRANSLATABLE',
      'warning',
      ['enforcementLayers', 'cni'],
      'network policies are for the network of a cluster; the gateway enforces the policy',
      'leave it out',
    );
  if (config.enforcementLayers?.mesh === false)
    say(
      'UNTRANSLATABLE',
      'error',
      ['enforcementLayers', 'mesh'],
      'nothing but the proxies of the mesh could enforce the policy here',
      'write mesh: true, or remove the policy',
    );
  if (config.authn?.tlsMode !== undefined && config.authn.tlsMode !== 'STRICT')
    say(
      'INEFFECTIVE',
      'warning',
      ['authn', 'tlsMode'],
      'an egress gateway takes what its listener says, not what the policy says',
      'set `tls.mode` of the listener',
    );
  const at = (i: number): FieldPath => (config.authzList === undefined ? ['authz'] : ['authzList', i]);
  const rules = casesOf(policy).flatMap((one, i) => {
    const field = at(i);
    // Nothing said at all allows nothing (the API's fallback).
    if (Object.keys(one).length === 0) return [];
    const sources = sourcesOf(one, namespaces, (client, part, message, hint) =>
      say('UNTRANSLATABLE', 'error', [...field, 'allowedClients', client, part], message, hint),
    );
    return sources === undefined ? [] : [{ field: ['spec', 'config', ...field], source: sources, one }];
  });
  return { rules, issues };
}

type SayOfClient = (client: number, part: string, message: string, hint: string) => void;

/** Who may call: none means everybody. Undefined where only clients are named that cannot be written. */
function sourcesOf(one: AccessCase, namespaces: readonly string[], say: SayOfClient): readonly Source[] | undefined {
  const blocks = {
    ...((one.allowedIpBlocks ?? []).length > 0 && { ipBlocks: one.allowedIpBlocks! }),
    ...((one.allowedRemoteIpBlocks ?? []).length > 0 && { remoteIpBlocks: one.allowedRemoteIpBlocks! }),
  };
  const bare = Object.keys(blocks).length === 0 ? [] : [blocks];
  const clients = one.allowedClients ?? [];
  if (clients.length === 0) return bare;
  const found = clients.map((client, i) =>
    principalsOf(client, namespaces, (part, message, hint) => say(i, part, message, hint)),
  );
  if (found.some((principals) => principals?.length === 0)) return bare;
  const principals = found.flatMap((each) => each ?? []);
  return principals.length === 0 ? undefined : [{ principals, ...blocks }];
}

/** Identities of a client; an empty list for everybody, nothing where it cannot be told. */
function principalsOf(
  client: AllowedClient,
  namespaces: readonly string[],
  say: (part: string, message: string, hint: string) => void,
): readonly string[] | undefined {
  const { serviceAccountSelector: selector, externalWorkloadSelector, requestIdentityMatcher } = client;
  if (requestIdentityMatcher !== undefined) {
    say('requestIdentityMatcher', 'identities in tokens are not checked, so the client is not let in', 'select service accounts');
    return undefined;
  }
  if (externalWorkloadSelector !== undefined) {
    say(
      'externalWorkloadSelector',
      'external workloads are not selected here, so the client is not let in',
      'select the service account of the workload',
    );
    return undefined;
  }
  const { labels = {}, name = '', namespace = '' } = selector ?? {};
  if (Object.keys(labels).length > 0) {
    say(
      'serviceAccountSelector',
      'labels of service accounts are not read, so the client is not let in',
      'name the account and its namespace',
    );
    return undefined;
  }
  if (selector === undefined || Object.keys(selector).length === 0) return [];
  const account = name === '' ? '*' : name;
  if (namespace !== '') return [`${TRUST_DOMAIN}/ns/${namespace}/sa/${account}`];
  if (namespaces.length > 0) return namespaces.map((one) => `${TRUST_DOMAIN}/ns/${one}/sa/${account}`);
  return [name === '' ? '*' : `*/sa/${name}`];
}

/**
 * The AuthorizationPolicies of an AccessPolicy at one gateway, for one port of one external service (spec/gloo.md 2.7): one that decides, and one for
 * cases that are only tried, which Envoy counts and nobody feels.
 */
export function authorizationsAt(
  policy: AccessPolicy,
  { rules }: Allowed,
  { object }: Egress,
  port: EgressPort,
  door: Door,
  cluster: string,
): readonly Translated[] {
  const hosts = authorities(object.spec.hosts ?? [], port);
  const made = (own: readonly AllowedCase[], tried: boolean): Translated => {
    const { namespace, service, labels } = door.end;
    const parts = [object.key.name, object.key.namespace, `${port.number}`, policy.key.name, policy.key.namespace, service];
    return madeFrom<AuthorizationPolicySpec>(policy, {
      kind: 'AuthorizationPolicy',
      name: sanitizedName('accesspolicy', ...parts, ...(tried ? ['dry-run'] : [])),
      namespace,
      labels: publishedLabels(policy, { cluster, workspace: door.workspace, namespace }),
      ...(tried && { annotations: { 'istio.io/dry-run': 'true' } }),
      spec: {
        selector: { matchLabels: labels },
        action: 'ALLOW',
        rules: own.map(({ field, source, one }) => ruleOf(policy, field, source, one, hosts)),
      },
    });
  };
  const tried = rules.filter(({ one }) => one.dryRun === true);
  return [
    ...(isEnforced(policy)
      ? [
          made(
            rules.filter(({ one }) => one.dryRun !== true),
            false,
          ),
        ]
      : []),
    ...(tried.length > 0 ? [made(tried, true)] : []),
  ];
}

function ruleOf(
  policy: AccessPolicy,
  field: FieldPath,
  source: readonly Source[],
  one: AccessCase,
  hosts: readonly string[],
): Marked<Rule> {
  const headers = Object.entries(one.match?.request?.headers ?? {});
  return took<Rule>(policy, field, {
    ...(source.length > 0 && {
      from: took(
        policy,
        [...field, 'allowedClients'],
        source.map((each) => ({ source: each })),
      ),
    }),
    to: [
      {
        operation: {
          hosts: took(policy, ['spec', 'applyToDestinations'], hosts),
          ...((one.allowedPaths ?? []).length > 0 && { paths: took(policy, [...field, 'allowedPaths'], one.allowedPaths!) }),
          ...((one.allowedMethods ?? []).length > 0 && {
            methods: took(policy, [...field, 'allowedMethods'], one.allowedMethods!),
          }),
        },
      },
    ],
    ...(headers.length > 0 && {
      when: headers.map(([name, { values = [], notValues = [] }]) => ({
        key: `request.headers[${name}]`,
        ...(values.length > 0 && { values }),
        ...(notValues.length > 0 && { notValues }),
      })),
    }),
  });
}

/**
 * An ALLOW policy shuts out everything that no rule is for. Hosts without an AccessPolicy stay open, and so do `ports` where bytes
 * come in, which have no host to go by (spec/gloo.md 2.7).
 */
export function othersAt(
  first: AccessPolicy,
  door: Door,
  hosts: readonly string[],
  ports: readonly number[],
  cluster: string,
): Translated {
  return madeFrom<AuthorizationPolicySpec>(first, {
    kind: 'AuthorizationPolicy',
    name: sanitizedName('accesspolicy', 'others', door.virtualGateway, cluster, door.end.service),
    namespace: door.end.namespace,
    labels: publishedLabels(first, { cluster, workspace: door.workspace, namespace: door.end.namespace }),
    spec: {
      selector: { matchLabels: door.end.labels },
      action: 'ALLOW',
      rules: [
        { to: [{ operation: { notHosts: took(first, ['spec', 'applyToDestinations'], hosts) } }] },
        ...(ports.length > 0 ? [{ to: [{ operation: { ports: ports.map(String) } }] }] : []),
      ],
    },
  });
}

/** How calls name a host: with or without a port. Patterns have one star, so that a wildcard needs its ports written out. */
export function authorities(
  hosts: readonly string[],
  { portMatch, number }: Pick<EgressPort, 'portMatch' | 'number'>,
): readonly string[] {
  return hosts.flatMap((host) => (isWildcard(host) ? [host, `${host}:${portMatch}`, `${host}:${number}`] : [host, `${host}:*`]));
}

const AT_THE_GATEWAY = 'give the ExternalService `egressGatewayRoutes`; at the gateway the policy is enforced';
export const AT_WORKLOADS = 'write an AuthorizationPolicy that selects these workloads';

/** Where a policy would have to be enforced, which nobody does (spec/gloo.md 5, U20). */
export function unenforced(policy: AccessPolicy, field: FieldPath, what: string, where: string, hint = AT_THE_GATEWAY): Issue {
  return {
    ...{ code: 'UNTRANSLATABLE', severity: 'error', object: policy.key, field },
    message: `the policy is not enforced for ${what}: ${where}`,
    hint,
  };
}
