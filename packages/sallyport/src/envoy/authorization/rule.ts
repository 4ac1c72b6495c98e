import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RBACPolicySchema } from '@sallyport/apis/rbac';
import type { Authorization, AuthorizationOperation, AuthorizationRule, AuthorizationSource } from '../../model/index.ts';
import {
  ANYBODY,
  ANYTHING,
  type Attribute,
  conditionAttribute,
  OPERATION,
  type PermissionInit,
  type PrincipalInit,
  type Scene,
  SOURCE,
} from './attribute.ts';

/** Whether requests are seen, or only a connection. */
export type Carries = 'http' | 'tcp';

/** What one rule asks of one attribute. */
interface Ask {
  readonly attribute: Attribute;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

/**
 * A rule as Envoy's RBAC policy. On connections that are not HTTP a rule to allow that asks about requests is left out, and one to
 * deny or to mark holds without that part, so that the doubt falls on the safe side (Istio's task "TCP Traffic").
 */
export function ruleOf(
  { from = [], to = [], when = [] }: AuthorizationRule,
  effect: Authorization['effect'],
  carries: Carries,
  scene: Scene,
): MessageInitShape<typeof RBACPolicySchema> | undefined {
  const asked = when.map(({ key = '', values = [], notValues = [] }) => ({
    attribute: conditionAttribute(key),
    values,
    notValues,
  }));
  const sources = from.map(({ source = {} }) => asksOf(source, SOURCE));
  const operations = to.map(({ operation = {} }) => asksOf(operation, OPERATION));
  const unseen = ({ attribute }: Ask) => carries === 'tcp' && attribute.http;
  if (effect === 'ALLOW' && [...asked, ...sources.flat(), ...operations.flat()].some(unseen)) return undefined;
  const seen = (asks: readonly Ask[]) => [...asks, ...asked].filter((ask) => !unseen(ask));
  return {
    principals: (sources.length === 0 ? [[]] : sources).map((asks) => allIds(seen(asks).flatMap((ask) => idsOf(ask, scene)))),
    permissions: (operations.length === 0 ? [[]] : operations).map((asks) =>
      allRules(seen(asks).flatMap((ask) => rulesOf(ask, scene))),
    ),
  };
}

type Lists = Readonly<Record<string, readonly string[] | undefined>>;

function asksOf(lists: AuthorizationSource | AuthorizationOperation, table: Readonly<Record<string, Attribute>>): Ask[] {
  const given = lists as Lists;
  return Object.entries(table).flatMap(([name, attribute]) => {
    const values = given[name] ?? [];
    const notValues = given[`not${name[0]!.toUpperCase()}${name.slice(1)}`] ?? [];
    return values.length + notValues.length === 0 ? [] : [{ attribute, values, notValues }];
  });
}

function idsOf({ attribute, values, notValues }: Ask, scene: Scene): PrincipalInit[] {
  if (attribute.of !== 'caller') return [];
  const any = (of: readonly string[]): PrincipalInit => ({
    identifier: { case: 'orIds', value: { ids: of.map((value) => attribute.test(value, scene)) } },
  });
  return [
    ...(values.length > 0 ? [any(values)] : []),
    ...(notValues.length > 0 ? [{ identifier: { case: 'notId' as const, value: any(notValues) } }] : []),
  ];
}

function rulesOf({ attribute, values, notValues }: Ask, scene: Scene): PermissionInit[] {
  if (attribute.of !== 'call') return [];
  const any = (of: readonly string[]): PermissionInit => ({
    rule: { case: 'orRules', value: { rules: of.map((value) => attribute.test(value, scene)) } },
  });
  return [
    ...(values.length > 0 ? [any(values)] : []),
    ...(notValues.length > 0 ? [{ rule: { case: 'notRule' as const, value: any(notValues) } }] : []),
  ];
}

function allIds(ids: PrincipalInit[]): PrincipalInit {
  return ids.length === 0 ? ANYBODY : { identifier: { case: 'andIds', value: { ids } } };
}

function allRules(rules: PermissionInit[]): PermissionInit {
  return rules.length === 0 ? ANYTHING : { rule: { case: 'andRules', value: { rules } } };
}
