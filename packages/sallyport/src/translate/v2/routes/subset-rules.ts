import { type Collection, type Graph, type Read, structural } from '../../../collection/index.ts';
import { byAge, compareText, type DestinationRuleSpec, type Translated } from '../../../model/index.ts';
import { madeFrom } from '../../sourced.ts';
import type { Translation } from '../../types.ts';
import { publishedLabels, sanitizedName } from '../names.ts';
import type { RouteTable } from './flatten.ts';
import type { RoutePlan } from './plan.ts';
import type { Target } from './target.ts';
import type { Copy } from './virtual-service.ts';

type Subset = NonNullable<Target['subset']>;

/** A subset that routes of a table ask for, in one namespace. */
interface Asked {
  readonly host: string;
  readonly table: RouteTable;
  readonly copy: Copy;
  readonly subset: Subset;
}

/**
 * The DestinationRules that define the subsets of Services that routes lead to, as published: one for each host and namespace, whichever
 * tables ask for its subsets (spec/gloo.md 2.6).
 */
export function subsetRules(
  graph: Graph,
  plans: Collection<RoutePlan>,
  copiesOf: (read: Read, table: RouteTable) => readonly Copy[],
): Collection<Translation> {
  const asked = graph.derive<RoutePlan, Asked>(
    'translate.routes.asked-subsets',
    plans,
    ({ table, sidecars, gateways }, id, read) => {
      const targets = [sidecars, gateways].flatMap((side) =>
        side === undefined ? [] : [...side.http.flatMap((route) => route.targets), ...side.l4.targets],
      );
      const wanted = new Map<string, Target & { readonly subset: Subset }>();
      for (const target of targets)
        if (target.subset !== undefined)
          wanted.set(`${target.host}\n${target.subset.name}`, { ...target, subset: target.subset });
      if (wanted.size === 0) return [];
      return copiesOf(read, table).flatMap((copy) =>
        [...wanted].map(([key, { host, destination, subset }]) => {
          // Without copies the rule stands beside the Service, where every client looks for it.
          const at = copy.copies ? copy : { ...copy, namespace: destination.object.key.namespace };
          return [`${id}\n${copy.workspace}\n${copy.namespace}\n${key}`, { host, table, copy: at, subset }] as const;
        }),
      );
    },
    structural,
  );
  const placeOf = ({ host, copy }: Asked): string => `${copy.namespace}/${host}`;
  const byPlace = graph.index('translate.routes.asked-subsets-by-place', asked, (one) => [placeOf(one)]);
  const places = graph.distinct('translate.routes.subset-places', asked, (one) => [[placeOf(one), placeOf(one)]]);
  return graph.derive<string, Translation>(
    'translate.routes.subset-rules',
    places,
    (place, _, read) => {
      const all = [...read.lookup(byPlace, place)].sort().map((key) => read.get(asked, key)!);
      return [[`subsets of ${place}`, { objects: [ruleOf(all)], issues: [] }]];
    },
    structural,
  );
}

function ruleOf(all: readonly Asked[]): Translated {
  const { host, copy } = all[0]!;
  const [table] = all.map((one) => one.table).sort(byAge);
  const subsets = [...new Map(all.map(({ subset }) => [subset.name, subset])).values()].sort((a, b) =>
    compareText(a.name, b.name),
  );
  return madeFrom<DestinationRuleSpec>(table!, {
    kind: 'DestinationRule',
    name: sanitizedName(host, 'subsets', copy.workspace),
    namespace: copy.namespace,
    labels: publishedLabels(table!, copy),
    spec: { host, subsets: subsets.map(({ name, labels }) => ({ name, labels })), ...(copy.copies && { exportTo: ['.'] }) },
  });
}
