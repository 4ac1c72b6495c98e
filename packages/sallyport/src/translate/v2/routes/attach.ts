import { selects } from '../../../lib/host.ts';
import type { DestinationSelector, RouteLabelSelector, RouteSelector } from '../../../model/index.ts';
import { isSelected, selectedPorts } from '../destination.ts';
import type { FlatRoute } from './flatten.ts';
import type { Target } from './target.ts';

/** Where a route stands, for selectors that ask for more than labels. */
export interface Home {
  readonly workspace: string;
  readonly cluster: string;
}

/** Whether a policy is for a route: by any of its selectors, or by having none (spec/gloo.md 2.9). */
export function isForRoute(
  selectors: readonly RouteSelector[] | undefined,
  flat: FlatRoute,
  targets: readonly Target[],
  home: Home,
): boolean {
  const all = selectors ?? [];
  if (all.length === 0) return true;
  return all.some(({ route, withDestinations }) =>
    withDestinations !== undefined
      ? targets.some((target) => isForTarget(withDestinations, target, home.cluster))
      : isForLabels(route, flat, home),
  );
}

/** Labels of the route, or labels of its table. */
export function isForLabels(selector: RouteLabelSelector | undefined, { table, route }: FlatRoute, home: Home): boolean {
  const { labels = {}, namespace = '', cluster = '', workspace = '' } = selector ?? {};
  return (
    (namespace === '' || namespace === table.key.namespace) &&
    (cluster === '' || cluster === home.cluster) &&
    (workspace === '' || workspace === home.workspace) &&
    (selects(labels, route.labels ?? {}) || selects(labels, table.labels))
  );
}

/** Whether a destination is selected; without `kind` only Services are (spec/gloo.md 2.9). */
export function isForTarget({ selector, kind = 'SERVICE', port }: DestinationSelector, target: Target, cluster: string): boolean {
  const { destination } = target;
  return kind === destination.kind && selectedPorts([target.port], port).length > 0 && isSelected(destination, selector, cluster);
}
