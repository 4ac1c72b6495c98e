import type { Visibility } from '../model/index.ts';
import { isVisibleIn } from './visibility.ts';

type Labels = Readonly<Record<string, string>>;

/** Mesh field `serviceEntryVisibility`: an operator's ceiling over what ServiceEntries export (spec/istio.md 2.2). */
export interface EntryVisibility {
  readonly defaultVisibility?: 'PUBLIC' | 'NAMESPACE' | 'NONE';
  readonly policies?: readonly { readonly rules?: readonly VisibilityRule[]; readonly visibility?: string }[];
  readonly applyToSidecars?: boolean;
}

interface VisibilityRule {
  readonly namespaceSelector?: LabelSelector;
}

interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key?: string;
    readonly operator?: string;
    readonly values?: readonly string[];
  }[];
}

/**
 * An entry's visibility under the ceiling: NONE hides it, NAMESPACE leaves the own namespace if the entry exported to
 * it. Without `applyToSidecars` nothing changes, and an entry that is hidden already stays so (spec/istio.md 2.2).
 */
export function underCeiling(
  declared: Visibility,
  namespace: string,
  namespaceLabels: Labels,
  ceiling: EntryVisibility | undefined,
): Visibility {
  if (ceiling?.applyToSidecars !== true || declared.kind === 'none') return declared;
  const policy = ceiling.policies?.find(({ rules }) => (rules ?? []).every((rule) => applies(rule, namespaceLabels)));
  const cap = policy?.visibility ?? ceiling.defaultVisibility ?? 'PUBLIC';
  if (cap === 'NONE') return { kind: 'none' };
  if (cap !== 'NAMESPACE') return declared;
  return isVisibleIn(declared, namespace) ? { kind: 'namespaces', names: [namespace] } : { kind: 'none' };
}

function applies({ namespaceSelector }: VisibilityRule, labels: Labels): boolean {
  if (namespaceSelector === undefined) return true;
  const pairs = Object.entries(namespaceSelector.matchLabels ?? {});
  if (!pairs.every(([name, value]) => labels[name] === value)) return false;
  return (namespaceSelector.matchExpressions ?? []).every(({ key = '', operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'In') return value !== undefined && values.includes(value);
    if (operator === 'NotIn') return value === undefined || !values.includes(value);
    if (operator === 'Exists') return value !== undefined;
    // An operator that Kubernetes does not know makes the selector match nothing.
    return operator === 'DoesNotExist' && value === undefined;
  });
}
