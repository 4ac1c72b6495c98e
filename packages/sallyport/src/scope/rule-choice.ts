import { bySpecificity, isSubsetOf, selects } from '../lib/host.ts';
import { compareText, type Rule, type RuleKey, type Visibility } from '../model/index.ts';
import { reaches } from './visibility.ts';

type Labels = Readonly<Record<string, string>>;

/** What the look-up reads of a rule: a changed policy inside it concerns nobody here. */
export interface RuleHead {
  readonly key: RuleKey;
  readonly host: string;
  readonly namespace: string;
  readonly exportTo: Visibility;
  readonly selector?: Labels;
  readonly createdAt: number;
  readonly name: string;
}

export function headOfRule({ key, host, namespace, exportTo, selector, createdAt, from }: Rule): RuleHead {
  return { key, host, namespace, exportTo, ...(selector && { selector }), createdAt, name: from[0]?.name ?? '' };
}

/** A rule that applies to proxies with these labels, or to all. */
export interface RuleOption {
  readonly rule: RuleKey;
  readonly selector?: Labels;
}

/**
 * The rules among which a client of this namespace chooses for a host that is served from `service` (spec/istio.md 2.5):
 * those with selectors in order, then at most one without. Takes rules in any order, also ones for other hosts.
 * Three levels, the first with a match wins completely: the client's namespace, the service's, the root namespace.
 */
export function ruleOptions(
  rules: readonly RuleHead[],
  host: string,
  namespaces: { readonly client: string; readonly service: string; readonly root: string },
): readonly RuleOption[] {
  const { client, service, root } = namespaces;
  const applicable = rules.filter((rule) => isSubsetOf(host, rule.host));
  if (applicable.length === 0) return [];
  const own = applicable.filter((rule) => rule.namespace === client && (client === root ? isPrivate(rule) : isLocal(rule)));
  const levels = [mostSpecific(own), exported(applicable, service, client), exported(applicable, root, client)];
  const level = levels.find((found) => found.length > 0) ?? [];
  const general = level.findLast((rule) => rule.selector === undefined);
  return [
    ...level.flatMap(({ key, selector, namespace }) => (selector && namespace === client ? [{ rule: key, selector }] : [])),
    ...(general ? [{ rule: general.key }] : []),
  ];
}

/** The rule that applies to a proxy with these labels, if any. */
export function chooseRule(options: readonly RuleOption[], labels: Labels): RuleKey | undefined {
  return options.find(({ selector }) => selector === undefined || selects(selector, labels))?.rule;
}

/** The rule that applies whoever the proxy is, if any. */
export function generalRule(options: readonly RuleOption[]): RuleKey | undefined {
  return options.find(({ selector }) => selector === undefined)?.rule;
}

/** Exported rules of a namespace: the host is matched first and visibility looked at after, so a hidden rule can hide another. */
function exported(rules: readonly RuleHead[], namespace: string, client: string): readonly RuleHead[] {
  const candidates = rules.filter((rule) => rule.namespace === namespace && !isPrivate(rule));
  return mostSpecific(candidates).filter(({ exportTo }) => reaches(exportTo, client));
}

function isLocal({ selector, exportTo, namespace }: RuleHead): boolean {
  return selector !== undefined || reaches(exportTo, namespace);
}

/** Exported to its own namespace alone, as every rule with a selector is. */
function isPrivate({ selector, exportTo, namespace }: RuleHead): boolean {
  return selector !== undefined || (exportTo.kind === 'namespaces' && exportTo.names.every((name) => name === namespace));
}

/** The rules for the exact host, else for its longest wildcard: never both. Those with selectors first, then by age. */
function mostSpecific(rules: readonly RuleHead[]): readonly RuleHead[] {
  const [best] = rules.map(({ host }) => host).sort(bySpecificity);
  return rules.filter(({ host }) => host === best).sort(byPrecedence);
}

function byPrecedence(a: RuleHead, b: RuleHead): number {
  const selectorsFirst = Number(a.selector === undefined) - Number(b.selector === undefined);
  return selectorsFirst || a.createdAt - b.createdAt || compareText(a.name, b.name) || compareText(a.key, b.key);
}
