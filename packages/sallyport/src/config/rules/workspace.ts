import type { SharedObjects, WorkspaceSettingsSpec, WorkspaceSpec } from '../../model/index.ts';
import { type Finding, invalid, missing, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import type { Rule } from './rule.ts';

/** Workspace: what its schema says in prose (spec/gloo.md 2.10). */
export const workspaceRule: Rule<WorkspaceSpec> = function* ({ workloadClusters: clusters = [] }) {
  const field = ['spec', 'workloadClusters'];
  if (clusters.length === 0)
    yield warn(
      'SELECTS_NOTHING',
      field,
      'the workspace has no clusters, so that it holds nothing',
      'for example [{name: "*", namespaces: [{name: shop}]}]',
    );
  yield* allOrNone(clusters, field, 'cluster');
  for (const [i, { namespaces = [] }] of clusters.entries()) {
    const at = [...field, i, 'namespaces'];
    if (namespaces.length === 0)
      yield missing(at, 'no namespaces of the cluster are selected', 'write namespaces: [{name: "*"}] for all of them');
    yield* allOrNone(namespaces, at, 'namespace');
    for (const [j, { name = '', labels = {} }] of namespaces.entries())
      if (name === '' && Object.keys(labels).length === 0)
        yield invalid(
          [...at, j],
          'the entry selects namespaces neither by name nor by labels',
          'write name: "*" for all of them',
        );
  }
};

function* allOrNone(entries: readonly { readonly configEnabled?: boolean }[], field: Path, what: string): Iterable<Finding> {
  if (!entries.some((entry) => entry.configEnabled !== undefined)) return;
  for (const [i, { configEnabled }] of entries.entries())
    if (configEnabled === undefined)
      yield missing(
        [...field, i, 'configEnabled'],
        `\`configEnabled\` is set for another ${what} and not for this one`,
        'set it for each, or for none',
      );
}

/** WorkspaceSettings (spec/gloo.md 2.10). */
export const workspaceSettingsRule: Rule<WorkspaceSettingsSpec> = function* ({ importFrom = [], exportTo = [], options = {} }) {
  for (const [i, entry] of importFrom.entries()) yield* checkShared(entry, ['spec', 'importFrom', i]);
  for (const [i, entry] of exportTo.entries()) yield* checkShared(entry, ['spec', 'exportTo', i]);
  const { trimAllProxyConfig, serviceIsolation } = options;
  if (trimAllProxyConfig === true && serviceIsolation?.trimProxyConfig === true)
    yield warn(
      'INEFFECTIVE',
      ['spec', 'options', 'trimAllProxyConfig'],
      '`serviceIsolation.trimProxyConfig` adds the destinations of the workspace back',
      'keep one of the two',
    );
};

function* checkShared({ workspaces = [] }: SharedObjects, field: Path): Iterable<Finding> {
  if (workspaces.length === 0)
    yield warn('SELECTS_NOTHING', field, 'no workspaces are named, so that nothing is shared', 'write workspaces: [{name: ...}]');
  for (const [i, { name = '', selector = {} }] of workspaces.entries())
    if (name === '' && Object.keys(selector).length === 0)
      yield invalid(
        [...field, 'workspaces', i],
        'the entry selects workspaces neither by name nor by labels',
        'write name: "*" for all of them',
      );
}
