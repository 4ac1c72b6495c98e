import { selects } from '../../lib/host.ts';
import type { ObjectKey, SharedKind, SharedObjects, WorkspaceSettingsSpec } from '../../model/index.ts';
import { matchesName } from './membership.ts';

type Resource = NonNullable<SharedObjects['resources']>[number];

/** What of an object decides whether it is shared. */
export interface Shareable {
  readonly key: ObjectKey;
  readonly labels: Readonly<Record<string, string>>;
}

/** What one workspace gets from another: an object must be exported by the one and imported by the other. */
export interface Share {
  readonly importer: string;
  readonly exporter: string;
  readonly imports: readonly Resource[];
  readonly exports: readonly Resource[];
}

interface Party {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: WorkspaceSettingsSpec;
}

/** What `importer` gets from `exporter`, or nothing (spec/gloo.md 2.10). */
export function shareOf(importer: Party, exporter: Party): Share | undefined {
  const imports = resourcesFor(importer.settings.importFrom, exporter);
  const exports = resourcesFor(exporter.settings.exportTo, importer);
  if (imports.length === 0 || exports.length === 0) return undefined;
  return { importer: importer.name, exporter: exporter.name, imports, exports };
}

/** No `resources` means all of them. */
function resourcesFor(entries: readonly SharedObjects[] = [], other: Pick<Party, 'name' | 'labels'>): readonly Resource[] {
  return entries
    .filter(({ workspaces = [] }) =>
      workspaces.some(({ name, selector = {} }) => matchesName(name, other.name) && selects(selector, other.labels)),
    )
    .flatMap(({ resources = [] }) => (resources.length === 0 ? [{ kind: 'ALL' } as const] : resources));
}

export function isShared(
  { imports, exports }: Pick<Share, 'imports' | 'exports'>,
  kind: SharedKind,
  object: Shareable,
  cluster: string,
): boolean {
  const matches = (resource: Resource): boolean => selectsObject(resource, kind, object, cluster);
  return exports.some(matches) && imports.some(matches);
}

function selectsObject(resource: Resource, kind: SharedKind, { key, labels }: Shareable, cluster: string): boolean {
  const { kind: wanted = 'ALL', name = '', namespace = '', cluster: place = '' } = resource;
  return (
    (wanted === 'ALL' || wanted === kind) &&
    selects(resource.labels ?? {}, labels) &&
    (name === '' || name === key.name) &&
    (namespace === '' || namespace === key.namespace) &&
    (place === '' || place === cluster)
  );
}

/** Settings named `global` win over those of a workspace, field by field, options each for itself. */
export function mergeSettings(own: WorkspaceSettingsSpec = {}, global: WorkspaceSettingsSpec = {}): WorkspaceSettingsSpec {
  return { ...own, ...global, options: { ...own.options, ...global.options } };
}
