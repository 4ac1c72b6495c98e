import { type Collection, type Graph, structural } from '../collection/index.ts';
import { selects } from '../lib/host.ts';
import { type Authorization, type ClassAuthorization, compareText, MESH, objectId, type ProxyClass } from '../model/index.ts';
import { rowsAt } from './rows-at.ts';
import type { ScopeInputs } from './types.ts';

/** Classes → the AuthorizationPolicies that hold for their workloads: those of the root namespace and of their own. */
export function buildAuthorized(
  graph: Graph,
  { authorizations, mesh }: ScopeInputs,
  classes: Collection<ProxyClass>,
): Collection<ClassAuthorization> {
  const byNamespace = graph.index<Authorization>('scope.authorizations-in', authorizations, ({ key }) => [key.namespace]);
  return graph.derive(
    'scope.authorized',
    classes,
    ({ namespace, labels }, id, read) => {
      const root = read.get(mesh, MESH)?.rootNamespace;
      const places = root === undefined ? [namespace] : [...new Set([root, namespace])];
      const policies = places
        .flatMap((place) => rowsAt(read, authorizations, read.lookup(byNamespace, place)))
        .filter(({ selector }) => selects(selector, labels))
        .sort((a, b) => compareText(objectId(a.key), objectId(b.key)));
      return policies.length === 0 ? [] : [[id, { class: id, policies }]];
    },
    structural,
  );
}
