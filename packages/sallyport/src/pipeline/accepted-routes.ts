import type { Pipeline } from './index.ts';

/**
 * Remembers, after a commit, the RouteTables with failureMode FREEZE_CONFIG that were accepted, for the time when something in them is wrong
 * (spec/gloo.md 2.6). Nothing that is in force changes by it.
 */
export function rememberAcceptedRoutes({ graph, inputs, translate }: Pick<Pipeline, 'graph' | 'inputs' | 'translate'>): void {
  const kept = inputs.acceptedRoutes;
  const changed = [...translate.acceptedRoutes.entries()].filter(([id, plan]) => kept.get(id) !== plan);
  const gone = [...kept.keys()].filter((id) => inputs.objects['RouteTable']?.get(id) === undefined);
  if (changed.length + gone.length === 0) return;
  graph.commit((tx) => {
    for (const [id, plan] of changed) tx.set(kept, id, plan);
    for (const id of gone) tx.set(kept, id, undefined);
  });
}
