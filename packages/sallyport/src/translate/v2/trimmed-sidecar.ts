import type { ConfigObject, Issue, SidecarSpec, Translated, TrimProxyConfigPolicySpec } from '../../model/index.ts';
import { type Marked, madeFrom, took } from '../sourced.ts';
import { publishedLabels, sanitizedName } from './names.ts';

export type TrimPolicy = ConfigObject<TrimProxyConfigPolicySpec>;

type Labels = Readonly<Record<string, string>>;

/** A policy and the hosts that it lets workloads keep; never empty. */
export interface Trim {
  readonly policy: TrimPolicy;
  readonly hosts: readonly string[];
}

/** Labels of workloads that one Sidecar is for, and the trims that hold for all of them. */
export interface TrimmedWorkloads {
  readonly labels: Labels;
  readonly trims: readonly Trim[];
}

/** Above this number the policies of a namespace cross too often. */
const MOST = 64;

/** Sets of labels by which a policy selects workloads in a namespace: any of them is enough. */
export function labelSets(
  { spec: { applyToWorkloads: selectors } }: TrimPolicy,
  where: { readonly namespace: string; readonly cluster: string; readonly workspace: string },
): readonly Labels[] {
  if (selectors === undefined || selectors.length === 0) return [{}];
  return selectors
    .filter(({ kind = 'KUBE', selector: { name = '' } = {} }) => kind === 'KUBE' && name === '')
    .filter(({ selector = {} }) =>
      (['namespace', 'cluster', 'workspace'] as const).every(
        (part) => (selector[part] ?? '') === '' || selector[part] === where[part],
      ),
    )
    .map(({ selector }) => selector?.labels ?? {});
}

/**
 * Istio gives a workload one Sidecar, Gloo adds up all policies that select it. So there is one for each set of labels, and one for each
 * combination of sets that a workload may have at once; nothing when that gets too many.
 */
export function combine(
  trims: readonly { readonly trim: Trim; readonly sets: readonly Labels[] }[],
): readonly TrimmedWorkloads[] | undefined {
  const found = new Map<string, Labels>();
  for (const { sets } of trims)
    for (const labels of sets) {
      for (const other of [...found.values()]) {
        const both = together(labels, other);
        if (both !== undefined) found.set(textOf(both), both);
      }
      found.set(textOf(labels), labels);
      if (found.size > MOST) return undefined;
    }
  return [...found.values()].map((labels) => ({
    labels,
    trims: trims.filter(({ sets }) => sets.some((set) => holds(set, labels))).map(({ trim }) => trim),
  }));
}

function together(a: Labels, b: Labels): Labels | undefined {
  const clash = Object.entries(a).some(([name, value]) => b[name] !== undefined && b[name] !== value);
  return clash ? undefined : { ...a, ...b };
}

function holds(set: Labels, labels: Labels): boolean {
  return Object.entries(set).every(([name, value]) => labels[name] === value);
}

function textOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort());
}

export interface SidecarPlace {
  readonly cluster: string;
  readonly namespace: string;
  readonly workspace: string;
}

/** The Sidecar of workloads that policies trim. The more policies it stands for, the older it counts, so that Istio takes it first. */
export function policySidecar({ labels, trims }: TrimmedWorkloads, place: SidecarPlace, rank: number): Translated {
  const [first] = trims;
  const { policy } = first!;
  const hosts = [...new Set(trims.flatMap((trim) => trim.hosts))].sort();
  const entries = Object.entries(labels).sort();
  const kept = took<readonly string[]>(policy, ['spec', 'config', 'includedDestinations'], hosts.map(egressHost));
  const from = took<Labels>(policy, ['spec', 'applyToWorkloads'], labels);
  return sidecarOf(
    { ...policy, createdAt: policy.createdAt - rank },
    kept,
    place,
    entries.flat(),
    entries.length > 0 ? from : undefined,
  );
}

/** The Sidecar of all workloads of a namespace whose workspace keeps only what it sees, or nothing. */
export function workspaceSidecar(
  settings: ConfigObject,
  field: readonly string[],
  hosts: readonly string[],
  place: SidecarPlace,
): Translated {
  const kept = hosts.length === 0 ? ['~/*'] : [...new Set(hosts)].sort().map(egressHost);
  return sidecarOf(settings, took<readonly string[]>(settings, field, kept), place, [], undefined);
}

function egressHost(host: string): string {
  return `*/${host}`;
}

function sidecarOf(
  parent: ConfigObject,
  hosts: Marked<readonly string[]>,
  place: SidecarPlace,
  workload: readonly string[],
  labels: Marked<Labels> | undefined,
): Translated {
  const { namespace, cluster, workspace } = place;
  return madeFrom<SidecarSpec>(parent, {
    kind: 'Sidecar',
    name: sanitizedName('sidecar', ...workload, namespace, cluster, workspace),
    namespace,
    labels: publishedLabels(parent, place),
    spec: {
      egress: [{ hosts }],
      ...(labels !== undefined && { workloadSelector: { labels } }),
    },
  });
}

/** What of a policy does nothing here. */
export function* trimFindings(policy: TrimPolicy, hosts: readonly string[], cluster: string): Iterable<Issue> {
  const at = ['spec', 'applyToWorkloads'];
  for (const [i, { selector = {} }] of (policy.spec.applyToWorkloads ?? []).entries()) {
    if ((selector.name ?? '') !== '')
      yield {
        code: 'UNTRANSLATABLE',
        severity: 'error',
        object: policy.key,
        field: [...at, i, 'selector', 'name'],
        message: 'a Sidecar selects workloads by labels, so that this selector selects nothing',
        hint: 'select them by labels',
      };
    if ((selector.cluster ?? '') !== '' && selector.cluster !== cluster)
      yield {
        code: 'SELECTS_NOTHING',
        severity: 'warning',
        object: policy.key,
        field: [...at, i, 'selector', 'cluster'],
        message: `the selector is for cluster ${selector.cluster}, and this one is called ${cluster}`,
        hint: 'leave it out, or say what this cluster is called with --cluster',
      };
  }
  if (hosts.length === 0 && (policy.spec.config?.includedDestinations ?? []).length > 0)
    yield {
      code: 'SELECTS_NOTHING',
      severity: 'warning',
      object: policy.key,
      field: ['spec', 'config', 'includedDestinations'],
      message: 'no destination that the workspace sees is selected, so that nothing is trimmed',
      hint: 'mend the selectors; without `kind` only Kubernetes Services are meant',
    };
}

export function tooManyCombinations(policy: TrimPolicy, namespace: string): Issue {
  return {
    code: 'UNTRANSLATABLE',
    severity: 'error',
    object: policy.key,
    field: ['spec', 'applyToWorkloads'],
    message: `in namespace ${namespace} the policies select workloads in more than ${MOST} overlapping ways; nothing is trimmed there`,
    hint: 'select workloads of a namespace by one label',
  };
}
