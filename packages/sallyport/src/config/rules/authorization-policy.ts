import { ipFamily, parseCidr } from '../../lib/ip.ts';
import type {
  AuthorizationCondition,
  AuthorizationOperation,
  AuthorizationPolicySpec,
  AuthorizationRule,
  AuthorizationSource,
  PolicyTarget,
} from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkConditionKey } from './authorization-condition.ts';
import { unseenByProviders } from './authorization-custom.ts';
import { isPathTemplate, pathTemplateFault } from './path-template.ts';
import type { Rule } from './rule.ts';
import { checkSelector, warnSelectsAll } from './shared.ts';

/** AuthorizationPolicy: what istiod's admission check refuses, and what cannot be carried out here. */
export const authorizationPolicyRule: Rule<AuthorizationPolicySpec> = function* (spec, { annotations }) {
  yield* checkDryRun(annotations, spec.action ?? 'ALLOW');
  yield* checkWhom(spec);
  yield* checkAction(spec);
  for (const [i, rule] of (spec.rules ?? []).entries()) {
    const field = ['spec', 'rules', i];
    yield* checkRule(rule, field);
    if (spec.action === 'CUSTOM') yield* unseenByProviders(rule, field);
    if (spec.action === 'DENY' && asksAboutRequests(rule) && !namesPorts(rule))
      yield warn(
        'INEFFECTIVE',
        field,
        'where connections are not HTTP this rule denies every one, for it asks only about requests',
        'name the ports it is about: to[].operation.ports',
      );
  }
};

/** What a target may be in Istio; waypoints and Gateway API gateways have them. */
const TARGETS: ReadonlySet<string> = new Set([
  '/Service',
  'networking.istio.io/ServiceEntry',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/GatewayClass',
]);

function* checkTarget({ group = '', kind = '', name = '', namespace = '' }: PolicyTarget, field: Path): Iterable<Finding> {
  if (name === '') yield missing([...field, 'name'], 'a target has a name', 'write the name of the object');
  if (namespace !== '')
    yield invalid([...field, 'namespace'], 'a target is in the namespace of the policy', 'remove the namespace');
  if (!TARGETS.has(`${group === 'core' ? '' : group}/${kind}`))
    yield invalid(field, `${shown(`${group}/${kind}`)} is no kind of target`, `the kinds are ${[...TARGETS].join(', ')}`);
}

function* checkWhom({ selector, targetRef, targetRefs = [] }: AuthorizationPolicySpec): Iterable<Finding> {
  if (targetRef !== undefined) yield* checkTarget(targetRef, ['spec', 'targetRef']);
  for (const [i, target] of targetRefs.entries()) yield* checkTarget(target, ['spec', 'targetRefs', i]);
  yield* warnSelectsAll(selector && { labels: selector.matchLabels ?? {} }, ['spec', 'selector'], 'workloads');
  const given = [selector, targetRef, targetRefs.length > 0 ? targetRefs : undefined].filter((one) => one !== undefined);
  if (given.length > 1)
    yield invalid(['spec'], 'a policy has either a selector or targets', 'keep one of selector, targetRef and targetRefs');
  for (const found of checkSelector({ labels: selector?.matchLabels ?? {} }, ['spec', 'selector']))
    yield { ...found, field: found.field.map((part, i) => (i === 2 ? 'matchLabels' : part)) };
}

const DRY_RUN = 'istio.io/dry-run';

function* checkDryRun(annotations: Readonly<Record<string, string>>, action: string): Iterable<Finding> {
  const value = annotations[DRY_RUN];
  const field = ['metadata', 'annotations', DRY_RUN];
  if (value === undefined) return;
  if (!/^(1|0|[tT]|[fF]|true|false|True|False|TRUE|FALSE)$/.test(value))
    yield invalid(field, `${shown(value)} is neither true nor false`, 'write "true" to try the policy without effect');
  if (action !== 'ALLOW' && action !== 'DENY')
    yield invalid(field, `a policy with action ${action} cannot be tried without effect`, 'remove the annotation');
}

function* checkAction({ action = 'ALLOW', provider, rules }: AuthorizationPolicySpec): Iterable<Finding> {
  if (action === 'CUSTOM') yield* checkCustom(provider, rules);
  else if (provider !== undefined)
    yield invalid(['spec', 'provider'], `a provider goes with CUSTOM, and the action is ${action}`, 'remove the provider');
  if (action === 'DENY' && rules === undefined)
    yield missing(
      ['spec', 'rules'],
      'a DENY policy without rules denies nothing',
      'write `rules: [{}]` to deny every call, or say which',
    );
}

function* checkCustom(provider: AuthorizationPolicySpec['provider'], rules: AuthorizationPolicySpec['rules']): Iterable<Finding> {
  if ((provider?.name ?? '') === '')
    yield missing(['spec', 'provider', 'name'], 'CUSTOM asks a provider, and none is named', 'name the extension provider');
  if ((rules ?? []).length === 0)
    yield missing(
      ['spec', 'rules'],
      'a CUSTOM policy without rules asks about nothing',
      'write `rules: [{}]`, or say about which calls',
    );
}

function* checkRule({ from, to, when }: AuthorizationRule, field: Path): Iterable<Finding> {
  for (const [i, { source }] of (from ?? []).entries()) yield* checkSource(source, [...field, 'from', i]);
  for (const [i, { operation }] of (to ?? []).entries()) yield* checkOperation(operation, [...field, 'to', i]);
  for (const [i, condition] of (when ?? []).entries()) yield* checkCondition(condition, [...field, 'when', i]);
}

function* checkSource(source: AuthorizationSource | undefined, parent: Path): Iterable<Finding> {
  const field = [...parent, 'source'];
  if (source === undefined || Object.keys(source).length === 0) {
    yield missing(field, 'a source says who may call; this one is empty', 'name principals, namespaces or ipBlocks');
    return;
  }
  yield* checkTexts(source, field);
  for (const name of ['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks'] as const)
    for (const [i, block] of (source[name] ?? []).entries()) yield* checkBlock(block, [...field, name, i]);
  for (const name of ['serviceAccounts', 'notServiceAccounts'] as const)
    for (const [i, account] of (source[name] ?? []).entries()) yield* checkAccount(account, [...field, name, i]);
  for (const name of ['trustDomains', 'notTrustDomains'] as const)
    for (const [i, domain] of (source[name] ?? []).entries())
      if (domain.split('*').length > 2)
        yield invalid([...field, name, i], `${shown(domain)} has more than one wildcard`, 'write one "*", at either end');
  const given = (...names: readonly (keyof AuthorizationSource)[]) => names.some((name) => (source[name] ?? []).length > 0);
  if (given('serviceAccounts', 'notServiceAccounts') && given('principals', 'notPrincipals', 'namespaces', 'notNamespaces'))
    yield invalid(
      field,
      'serviceAccounts do not go together with principals or namespaces',
      'put them into entries of their own',
    );
}

/** Conditions that only a request can meet; `ports` tells which connections are meant. */
function asksAboutRequests({ from = [], to = [], when = [] }: AuthorizationRule): boolean {
  const some = (of: object | undefined, names: RegExp) =>
    Object.entries(of ?? {}).some(([name, values]) => names.test(name) && (values as readonly string[]).length > 0);
  return (
    from.some(({ source }) => some(source, /requestPrincipals$/i)) ||
    to.some(({ operation }) => some(operation, /(hosts|methods|paths)$/i)) ||
    when.some(({ key = '' }) => key.startsWith('request.'))
  );
}

function namesPorts({ to = [] }: AuthorizationRule): boolean {
  return to.some(({ operation = {} }) => (operation.ports ?? []).length > 0);
}

function* checkOperation(operation: AuthorizationOperation | undefined, parent: Path): Iterable<Finding> {
  const field = [...parent, 'operation'];
  if (operation === undefined || Object.keys(operation).length === 0) {
    yield missing(field, 'an operation says what may be called; this one is empty', 'name hosts, ports, methods or paths');
    return;
  }
  yield* checkTexts(operation, field);
  for (const name of ['ports', 'notPorts'] as const)
    for (const [i, port] of (operation[name] ?? []).entries()) yield* checkPort(port, [...field, name, i]);
  for (const name of ['paths', 'notPaths'] as const)
    for (const [i, path] of (operation[name] ?? []).entries()) {
      const fault = isPathTemplate(path) ? pathTemplateFault(path) : undefined;
      if (fault !== undefined)
        yield invalid([...field, name, i], `${shown(path)}: ${fault}`, 'write for example "/orders/{*}/items" or "/files/{**}"');
    }
}

function* checkCondition({ key = '', values, notValues }: AuthorizationCondition, field: Path): Iterable<Finding> {
  if (key === '') {
    yield missing([...field, 'key'], 'a condition names an attribute', 'write for example `key: request.headers[x-team]`');
    return;
  }
  if ((values ?? []).length === 0 && (notValues ?? []).length === 0)
    yield missing([...field, 'values'], 'a condition compares with something', 'give values or notValues');
  yield* checkTexts({ values, notValues }, field);
  yield* checkConditionKey(key, field);
  for (const name of ['values', 'notValues'] as const)
    for (const [i, value] of ({ values, notValues }[name] ?? []).entries()) {
      if (/^(source\.ip|remote\.ip|destination\.ip)$/.test(key)) yield* checkBlock(value, [...field, name, i]);
      if (key === 'destination.port') yield* checkPort(value, [...field, name, i]);
    }
}

/** A list that is given has entries, and none of them is empty. */
function* checkTexts(lists: object, field: Path): Iterable<Finding> {
  for (const [name, values] of Object.entries(lists) as [string, readonly string[] | undefined][])
    for (const [i, value] of (values ?? []).entries())
      if (value === '')
        yield invalid([...field, name, i], 'an empty text matches nothing', 'remove it, or write "*" for any value');
}

function* checkBlock(block: string, field: Path): Iterable<Finding> {
  if (ipFamily(block) === 0 && parseCidr(block) === undefined)
    yield invalid(field, `${shown(block)} is neither an address nor a prefix`, 'write for example 10.1.2.3 or 10.1.0.0/16');
}

function* checkPort(port: string, field: Path): Iterable<Finding> {
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535)
    yield invalid(field, `${shown(port)} is no port number`, 'write a number from 1 to 65535');
}

function* checkAccount(account: string, field: Path): Iterable<Finding> {
  if (!/^[^/*]+(\/[^/*]+)?$/.test(account))
    yield invalid(field, `${shown(account)} is no service account`, 'write "account", or "namespace/account"');
}
