import type { ConfigObject, DestinationSelectorV1, PlaceMatcherV1 } from '../../model/index.ts';

/** Whether a list of selectors takes a Destination with an external service; no list takes everything (spec/gloo.md 1.3). */
export function selectsExternal(
  selectors: readonly DestinationSelectorV1[] | undefined,
  { key, labels }: Pick<ConfigObject, 'key' | 'labels'>,
): boolean {
  if (selectors === undefined || selectors.length === 0) return true;
  return selectors.some(({ externalServiceMatcher: matcher, externalServiceRefs: refs }) => {
    const named = refs?.externalServices?.some(({ name, namespace }) => name === key.name && namespace === key.namespace);
    return named === true || (matcher !== undefined && fits(matcher, key.namespace, labels));
  });
}

/** Whether the matcher takes something in this namespace with these labels; clusters are for the caller. */
export function fits(
  { labels: wanted = {}, namespaces = [] }: PlaceMatcherV1,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (namespaces.length > 0 && !namespaces.includes(namespace)) return false;
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Whether a list of clusters, or none, means this one, too. */
export function inCluster(clusters: readonly string[] | undefined, cluster: string): boolean {
  return clusters === undefined || clusters.length === 0 || clusters.includes(cluster) || clusters.includes('*');
}

/** Where an index keeps the selectors, so that a Destination finds those that may take it at {@link placesFor}. */
export function placesOf(selectors: readonly DestinationSelectorV1[] | undefined): readonly string[] {
  if (selectors === undefined || selectors.length === 0) return [ALL];
  return selectors.flatMap(({ externalServiceMatcher: matcher, externalServiceRefs: refs }) => [
    ...(refs?.externalServices ?? []).map(({ name, namespace }) => `object/${namespace}/${name}`),
    ...(matcher === undefined ? [] : placesIn(matcher.namespaces)),
  ]);
}

export function placesFor({ key }: Pick<ConfigObject, 'key'>): readonly string[] {
  return [ALL, `namespace/${key.namespace}`, `object/${key.namespace}/${key.name}`];
}

const ALL = 'all';

function placesIn(namespaces: readonly string[] = []): readonly string[] {
  return namespaces.length === 0 ? [ALL] : namespaces.map((namespace) => `namespace/${namespace}`);
}
