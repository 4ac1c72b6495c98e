import {
  byAge,
  type ConfigObject,
  type DestinationSelectorV1,
  type Issue,
  type ServiceDependencySpec,
  type SidecarSpec,
  type Translated,
} from '../../model/index.ts';
import { type Marked, madeFrom, took } from '../sourced.ts';
import type { TranslateSettings } from '../types.ts';
import { parentsAnnotation } from './parents.ts';
import { inCluster } from './select.ts';

type Dependency = ConfigObject<ServiceDependencySpec>;

/** Callers that have a Sidecar of their own: those in one namespace, or in all of them, that have these labels. */
export interface Callers {
  /** Empty: callers in every namespace. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The callers that a ServiceDependency names; with labels only, in each of `namespaces`. */
export function callersOf({ spec }: Dependency, cluster: string, namespaces: readonly string[]): readonly Callers[] {
  const { sourceSelectors = [] } = spec;
  if (sourceSelectors.length === 0) return [{ namespace: '', labels: {} }];
  return sourceSelectors.flatMap(({ kubeWorkloadMatcher: matcher = {} }) => {
    const { labels = {}, namespaces: named = [], clusters } = matcher;
    if (!inCluster(clusters, cluster)) return [];
    const isAnybody = Object.keys(labels).length === 0;
    const places = named.length > 0 ? named : isAnybody ? [''] : namespaces;
    return places.map((namespace) => ({ namespace, labels }));
  });
}

export function callersKey({ namespace, labels }: Callers): string {
  return JSON.stringify([namespace, Object.entries(labels).sort()]);
}

/** Whether whoever is among `narrow` is also among `wide`. */
export function isAmong(narrow: Callers, wide: Callers): boolean {
  if (wide.namespace !== '' && wide.namespace !== narrow.namespace) return false;
  return Object.entries(wide.labels).every(([key, value]) => narrow.labels[key] === value);
}

/**
 * The Sidecar of some callers (spec/gloo.md 1.3): all that the dependencies which are for them select. Sidecars for fewer callers count
 * as older, so that the most exact one is chosen where several fit.
 */
export function sidecarOf(
  callers: Callers,
  dependencies: readonly Dependency[],
  hostsOf: (selectors: readonly DestinationSelectorV1[]) => readonly string[],
  { rootNamespace }: TranslateSettings,
): Translated | undefined {
  const [first, ...others] = [...dependencies].sort(byAge);
  if (first === undefined) return undefined;
  const hosts = new Map<string, Marked<string>>();
  for (const dependency of [first, ...others])
    for (const host of isOnEverything(dependency) ? ['*'] : hostsOf(dependency.spec.destinationSelectors ?? []))
      if (!hosts.has(host)) hosts.set(host, took(dependency, ['spec', 'destinationSelectors'], `*/${host}`));
  const sorted = [...hosts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, host]) => host);
  const labels = Object.entries(callers.labels).sort();
  const namespace = callers.namespace || rootNamespace;
  const made = madeFrom<SidecarSpec>(first, {
    kind: 'Sidecar',
    name: ['dependencies', ...labels.map(([key, value]) => `${key}-${value}`)]
      .join('-')
      .toLowerCase()
      .replace(/[^-a-z0-9]/g, '-'),
    namespace,
    annotations: parentsAnnotation([first, ...others]),
    spec: {
      // An empty list would mean every host: nothing selected means that nothing is needed.
      egress: [{ hosts: sorted.length === 0 ? ['~/*'] : sorted }],
      ...(labels.length === 0 ? {} : { workloadSelector: took(first, ['spec', 'sourceSelectors'], { labels: callers.labels }) }),
    },
  });
  return { ...made, object: { ...made.object, createdAt: made.object.createdAt - labels.length } };
}

/** Without selectors every destination is meant, also one that nobody has told us of. */
export function isOnEverything({ spec: { destinationSelectors = [] } }: Dependency): boolean {
  return destinationSelectors.length === 0;
}

/** A dependency whose selectors select nothing that is known. */
export function dependsOnNothing({ key }: Dependency): Issue {
  return {
    code: 'SELECTS_NOTHING',
    severity: 'warning',
    object: key,
    field: ['spec', 'destinationSelectors'],
    message: 'no external service and no Kubernetes Service is selected, so the callers see nothing because of it',
    hint: 'compare names, namespaces and labels with those of the Destinations and Services',
  };
}
