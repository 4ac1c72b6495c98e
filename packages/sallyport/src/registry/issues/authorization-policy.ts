import type { AuthorizationRule, Issue } from '../../model/index.ts';
import { type AuthorizationObject, hasTargets } from '../authorization.ts';
import { finding } from './finding.ts';

/** What istiod accepts in a policy and nothing here can carry out. */
export function authorizationFindings(object: AuthorizationObject): readonly Issue[] {
  const { action, targetRef, rules = [] } = object.spec;
  const found: Issue[] = [];
  if (hasTargets(object.spec)) {
    const field = ['spec', targetRef === undefined ? 'targetRefs' : 'targetRef'];
    const message =
      'policies with targets are for waypoints and Gateway API gateways, which are not served: this one has no effect';
    found.push(finding(object, 'UNSUPPORTED', 'error', field, message, 'select workloads by labels: spec.selector.matchLabels'));
  }
  if (action === 'CUSTOM') {
    const message = 'authorization servers are not asked: what this policy is about is denied, to be on the safe side';
    found.push(
      finding(object, 'UNSUPPORTED', 'error', ['spec', 'action'], message, 'write who may call, with action ALLOW or DENY'),
    );
  }
  for (const [i, rule] of rules.entries()) found.push(...unknowable(object, rule, i));
  return found;
}

/** Conditions on facts that no proxy of ours ever has. */
function* unknowable(object: AuthorizationObject, { from = [], when = [] }: AuthorizationRule, i: number): Iterable<Issue> {
  const rule = ['spec', 'rules', i];
  for (const [k, { source = {} }] of from.entries())
    for (const name of ['requestPrincipals', 'notRequestPrincipals'] as const)
      if (source[name] !== undefined) yield tokens(object, [...rule, 'from', k, 'source', name]);
  for (const [k, { key = '' }] of when.entries()) {
    if (key.startsWith('request.auth.')) yield tokens(object, [...rule, 'when', k, 'key']);
    if (key.startsWith('experimental.'))
      yield finding(
        object,
        'UNSUPPORTED',
        'error',
        [...rule, 'when', k, 'key'],
        `${key} is what an Envoy filter leaves behind, and no such filter is configured here: the condition never holds`,
        'use an attribute of the connection or of the request',
      );
  }
}

function tokens(object: AuthorizationObject, field: (string | number)[]): Issue {
  const message = 'tokens are not checked, so that no caller ever has what this asks for';
  return finding(
    object,
    'INEFFECTIVE',
    'warning',
    field,
    message,
    'tell callers apart by principals, namespaces or serviceAccounts',
  );
}
