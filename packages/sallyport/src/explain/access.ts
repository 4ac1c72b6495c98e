import type { CidrRange } from '@sallyport/apis/core';
import { type Permission, type Principal, type RBAC, RBAC_Action, type RBACPolicy } from '@sallyport/apis/rbac';
import { inCidr, parseCidr } from '../lib/ip.ts';
import type { Call } from './call.ts';
import { headerCondition } from './header-condition.ts';
import type { HttpRequest } from './request.ts';
import type { AccessStep } from './step.ts';
import { textFits } from './text-match.ts';

/** An RBAC filter, for requests or for connections. */
interface AccessFilter {
  readonly rules?: RBAC | undefined;
}

/**
 * Whether a call gets past filters that ask who may call (Envoy's RBAC filter): DENY turns away what one of its policies fits,
 * ALLOW what none does, LOG nothing. Rules that are only tried out do not count. A filter without rules lets everything by.
 */
export function judgeAccess(
  filters: readonly AccessFilter[],
  call: Call,
  request?: HttpRequest,
): { readonly allowed: boolean; readonly steps: readonly AccessStep[] } {
  const steps: AccessStep[] = [];
  for (const { rules } of filters) {
    if (rules === undefined) continue;
    const policies = Object.entries(rules.policies).sort(([a], [b]) => (a < b ? -1 : 1));
    const fitting = policies.find(([, policy]) => policyFits(policy, call, request))?.[0];
    const allowed = rules.action === RBAC_Action.LOG || (rules.action === RBAC_Action.DENY) === (fitting === undefined);
    const effect = (RBAC_Action[rules.action] ?? 'ALLOW') as AccessStep['effect'];
    steps.push({ at: 'access', effect, allowed, ...(fitting !== undefined && { policy: fitting }), policies: policies.length });
    if (!allowed) return { allowed, steps };
  }
  return { allowed: true, steps };
}

function policyFits({ permissions, principals }: RBACPolicy, call: Call, request: HttpRequest | undefined): boolean {
  return permissions.some((one) => permits(one, call, request)) && principals.some((one) => isCaller(one, call, request));
}

function permits({ rule }: Permission, call: Call, request: HttpRequest | undefined): boolean {
  switch (rule.case) {
    case 'any':
      return rule.value;
    case 'andRules':
      return rule.value.rules.every((one) => permits(one, call, request));
    case 'orRules':
      return rule.value.rules.some((one) => permits(one, call, request));
    case 'notRule':
      return !permits(rule.value, call, request);
    case 'header':
      return request !== undefined && headerCondition(rule.value).holds(request);
    case 'urlPath':
      return request !== undefined && rule.value.rule.case === 'path' && textFits(rule.value.rule.value, request.path);
    case 'destinationIp':
      return within(call.address, rule.value);
    case 'destinationPort':
      return call.port === rule.value;
    case 'requestedServerName':
      return textFits(rule.value, call.sni);
    default:
      return false;
  }
}

function isCaller({ identifier }: Principal, call: Call, request: HttpRequest | undefined): boolean {
  switch (identifier.case) {
    case 'any':
      return identifier.value;
    case 'andIds':
      return identifier.value.ids.every((one) => isCaller(one, call, request));
    case 'orIds':
      return identifier.value.ids.some((one) => isCaller(one, call, request));
    case 'notId':
      return !isCaller(identifier.value, call, request);
    case 'authenticated': {
      const { principalName } = identifier.value;
      if (call.tls !== 'mtls') return false;
      return principalName === undefined || textFits(principalName, call.principal);
    }
    case 'directRemoteIp':
    case 'remoteIp':
    case 'sourceIp':
      return within(call.source, identifier.value);
    case 'header':
      return request !== undefined && headerCondition(identifier.value).holds(request);
    default:
      return false;
  }
}

function within(address: string, { addressPrefix, prefixLen }: CidrRange): boolean {
  const cidr = parseCidr(`${addressPrefix}/${prefixLen ?? 0}`);
  return cidr !== undefined && inCidr(address, cidr);
}
