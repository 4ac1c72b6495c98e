import { selects } from '../../lib/host.ts';
import type {
  ConfigObject,
  FieldPath,
  Issue,
  IssueCode,
  Severity,
  SharedObjects,
  WorkspaceSettingsSpec,
  WorkspaceSpec,
} from '../../model/index.ts';
import { type ClusterIdentity, entriesFor, matchesName } from './membership.ts';

function finding(
  object: ConfigObject,
  code: IssueCode,
  severity: Severity,
  field: FieldPath,
  message: string,
  hint: string,
): Issue {
  return { code, severity, object: object.key, field, message, hint };
}

/** `has`: how many namespaces of the cluster are in the workspace; `first`: the oldest Workspace of this name. */
export function* workspaceFindings(
  object: ConfigObject<WorkspaceSpec>,
  cluster: ClusterIdentity,
  has: number,
  first: ConfigObject,
): Iterable<Issue> {
  const field = ['spec', 'workloadClusters'];
  const clusters = object.spec.workloadClusters ?? [];
  if (first !== object)
    yield finding(
      object,
      'DUPLICATE_OBJECT',
      'warning',
      ['metadata', 'name'],
      `a Workspace of this name stands in namespace ${first.key.namespace}, too, and is older; this one does not count`,
      'give it another name',
    );
  else if (clusters.length > 0 && entriesFor(object.spec, cluster).length === 0)
    yield finding(
      object,
      'SELECTS_NOTHING',
      'warning',
      [...field, 0],
      `the workspace holds nothing of this cluster, which is called "${cluster.name}"`,
      `say what this cluster is called with --cluster ${clusters[0]?.name ?? 'NAME'}, or write name: "*"`,
    );
  else if (clusters.length > 0 && has === 0)
    yield finding(
      object,
      'SELECTS_NOTHING',
      'warning',
      [...field, 0, 'namespaces'],
      'no namespace that is known here belongs to the workspace',
      'mend the name or the labels; labels are those of Namespace objects',
    );
}

/** Namespaces that an older workspace has. */
export function* overlapFindings(
  object: ConfigObject<WorkspaceSpec>,
  taken: readonly { readonly namespace: string; readonly by: string }[],
): Iterable<Issue> {
  const [first, ...others] = taken;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : `, and so do ${others.length} more`;
  yield finding(
    object,
    'SHADOWED',
    'warning',
    ['spec', 'workloadClusters'],
    `namespace ${first.namespace} already belongs to workspace ${first.by}, which is older${more}`,
    'let each namespace be of one workspace',
  );
}

/** A Gloo object that is not read; `workspace`: whose namespace holds workloads only. */
export function outsideWorkspaces(object: ConfigObject, workspace: string | undefined): Issue {
  const { namespace } = object.key;
  const message =
    workspace === undefined
      ? `namespace ${namespace} belongs to no Workspace, so that the object has no effect`
      : `workspace ${workspace} reads no configuration in namespace ${namespace} (configEnabled: false), so that the object has no effect`;
  return finding(
    object,
    'INEFFECTIVE',
    'warning',
    ['metadata', 'namespace'],
    message,
    'move it, or add the namespace to a Workspace',
  );
}

export function shadowedSettings(object: ConfigObject, first: ConfigObject, workspace: string | undefined): Issue {
  const whose = workspace === undefined ? 'all workspaces' : `workspace ${workspace}`;
  return finding(
    object,
    'SHADOWED',
    'warning',
    ['metadata', 'name'],
    `the settings of ${whose} are those of ${first.key.namespace}/${first.key.name}, which is older; these do not count`,
    'keep one WorkspaceSettings for each workspace',
  );
}

/** Another workspace, as settings that import see it. */
export interface Neighbour {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it exports something that is imported here. */
  readonly shares: boolean;
}

/** `workspace`: whose settings these are; absent for those of all. */
export function* settingsFindings(
  object: ConfigObject<WorkspaceSettingsSpec>,
  workspace: string | undefined,
  neighbours: readonly Neighbour[],
): Iterable<Issue> {
  if (workspace !== undefined) yield* importFindings(object, workspace, neighbours);
  yield* optionFindings(object);
}

function* importFindings(
  object: ConfigObject<WorkspaceSettingsSpec>,
  workspace: string,
  neighbours: readonly Neighbour[],
): Iterable<Issue> {
  for (const [i, entry] of (object.spec.importFrom ?? []).entries())
    for (const [j, selector] of (entry.workspaces ?? []).entries()) {
      const field = ['spec', 'importFrom', i, 'workspaces', j];
      const meant = neighbours.filter((other) => isMeant(selector, other));
      if (meant.length === 0)
        yield finding(
          object,
          'DANGLING_REFERENCE',
          'warning',
          field,
          `there is no such workspace: ${described(selector)}`,
          'mend the name or the labels',
        );
      else if (!meant.some(({ shares }) => shares))
        yield finding(
          object,
          'INEFFECTIVE',
          'warning',
          field,
          `nothing is imported: ${meant[0]!.name} exports nothing to ${workspace}`,
          `export it in the WorkspaceSettings of ${meant[0]!.name}: exportTo: [{workspaces: [{name: ${workspace}}]}]`,
        );
    }
}

type WorkspaceSelector = NonNullable<SharedObjects['workspaces']>[number];

function isMeant({ name, selector = {} }: WorkspaceSelector, other: Neighbour): boolean {
  return matchesName(name, other.name) && selects(selector, other.labels);
}

function described({ name, selector }: WorkspaceSelector): string {
  const labels = Object.entries(selector ?? {}).map((pair) => pair.join('='));
  return [...(name === undefined ? [] : [name]), ...labels].join(', ');
}

/** What other clusters, or access inside the mesh, would be needed for. */
function* optionFindings(object: ConfigObject<WorkspaceSettingsSpec>): Iterable<Issue> {
  const { serviceIsolation, federation, eastWestGateways, virtualDestClientMode } = object.spec.options ?? {};
  const at = ['spec', 'options'];
  if (serviceIsolation?.enabled === true)
    yield finding(
      object,
      'UNSUPPORTED',
      'error',
      [...at, 'serviceIsolation', 'enabled'],
      'calls from other workspaces are not blocked: access to workloads inside the mesh is not enforced here',
      'other workspaces do not see external services that are not exported to them; set enabled: false and use `trimProxyConfig` to hide the rest',
    );
  if (federation?.enabled === true)
    yield finding(
      object,
      'UNSUPPORTED',
      'warning',
      [...at, 'federation', 'enabled'],
      'there is one cluster, so that no federated host names are made',
      'call Services by their own names, or declare a VirtualDestination',
    );
  for (const [name, value] of [
    ['eastWestGateways', eastWestGateways],
    ['virtualDestClientMode', virtualDestClientMode],
  ] as const)
    if (value !== undefined)
      yield finding(
        object,
        'INEFFECTIVE',
        'info',
        [...at, name],
        'it is about calls to other clusters, and there is one',
        'leave it out',
      );
}
