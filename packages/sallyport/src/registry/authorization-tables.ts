import { type Collection, type Graph, structural } from '../collection/index.ts';
import { type Authorization, type Issue, MESH, type MeshConfig } from '../model/index.ts';
import { authorizationOf } from './authorization.ts';
import { authorizationFindings } from './issues/authorization-policy.ts';
import { issueRows } from './issues/finding.ts';
import type { RegistryInputs } from './types.ts';

/** AuthorizationPolicies in force, and what is to be said about them. */
export function buildAuthorizations(
  graph: Graph,
  { authorizationPolicies }: RegistryInputs,
  mesh: Collection<MeshConfig>,
): { readonly authorizations: Collection<Authorization>; readonly authorizationIssues: Collection<Issue> } {
  const authorizations = graph.derive(
    'registry.authorizations',
    authorizationPolicies,
    (object, id, read) => {
      const settings = read.get(mesh, MESH);
      const policy = settings && authorizationOf(object, settings.rootNamespace);
      return policy === undefined ? [] : [[id, policy]];
    },
    structural,
  );
  const authorizationIssues = graph.derive(
    'registry.authorization-issues',
    authorizationPolicies,
    (object) => issueRows(authorizationFindings(object)),
    structural,
  );
  return { authorizations, authorizationIssues };
}
