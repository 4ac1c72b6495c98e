import { byAge, type DestinationRuleObject, type Rule, type Subset, type Visibility } from '../model/index.ts';
import type { Defaults } from './defaults.ts';
import { fullHost } from './short-name.ts';
import { exportedTo, namesAll, sameVisibility } from './visibility.ts';

type Labels = Readonly<Record<string, string>>;

/** A DestinationRule with its host spelled out. */
export interface OwnRule {
  readonly object: DestinationRuleObject;
  readonly host: string;
  readonly exportTo: Visibility;
  readonly selector?: Labels;
}

/** One DestinationRule before merging. A rule with a selector is private, whatever it exports (spec/istio.md 2.5). */
export function ownRule(object: DestinationRuleObject, defaults: Defaults): OwnRule {
  const { namespace } = object.key;
  const selector = object.spec.workloadSelector;
  return {
    object,
    host: fullHost(object.spec.host, namespace, defaults.clusterDomain),
    exportTo:
      selector === undefined
        ? exportedTo(object.spec.exportTo, namespace, defaults.ruleExportTo)
        : { kind: 'namespaces', names: [namespace] },
    ...(selector !== undefined && { selector: selector.matchLabels ?? {} }),
  };
}

/**
 * The rules of one host string in one namespace after merging (spec/istio.md 2.5), in Istio's order: rules with a
 * selector first, then by age. Keys are `namespace/host/n`, counted in this order.
 */
export function mergeRules(rules: readonly OwnRule[]): readonly Rule[] {
  return groupRules(rules).map(combine);
}

/**
 * Which rules are merged: a rule joins each earlier one whose exportTo it equals or includes and whose selector it does
 * not contradict. It also stays on its own, unless one of those it joined means exactly the same callers.
 */
export function groupRules(rules: readonly OwnRule[]): readonly (readonly OwnRule[])[] {
  const kept: OwnRule[][] = [];
  for (const rule of [...rules].sort(inMergeOrder)) {
    let stands = true;
    for (const group of kept) {
      const first = group[0]!;
      if (!namesAll(rule.exportTo, first.exportTo) || contradict(rule.selector, first.selector)) continue;
      group.push(rule);
      if (sameVisibility(rule.exportTo, first.exportTo) && sameSelector(rule.selector, first.selector)) stands = false;
    }
    if (stands) kept.push([rule]);
  }
  return kept;
}

function inMergeOrder(a: OwnRule, b: OwnRule): number {
  return Number(b.selector !== undefined) - Number(a.selector !== undefined) || byAge(a.object, b.object);
}

function contradict(a: Labels | undefined, b: Labels | undefined): boolean {
  return a !== undefined && b !== undefined && !sameSelector(a, b);
}

function sameSelector(a: Labels | undefined, b: Labels | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Subsets are joined by name, the first definition counts; the first rule with a traffic policy gives all of it. */
function combine(group: readonly OwnRule[], index: number): Rule {
  const first = group[0]!;
  const { key, createdAt, apiVersion } = first.object;
  const subsets = new Map<string, Subset>();
  for (const { object } of group)
    for (const subset of object.spec.subsets ?? []) if (!subsets.has(subset.name)) subsets.set(subset.name, subset);
  const policy = group.find(({ object }) => object.spec.trafficPolicy !== undefined)?.object.spec.trafficPolicy;
  return {
    key: `${key.namespace}/${first.host}/${index}`,
    host: first.host,
    namespace: key.namespace,
    exportTo: first.exportTo,
    ...(first.selector !== undefined && { selector: first.selector }),
    ...(policy !== undefined && { trafficPolicy: policy }),
    subsets: [...subsets.values()],
    from: group.map(({ object }) => object.key),
    apiVersion,
    createdAt,
  };
}
