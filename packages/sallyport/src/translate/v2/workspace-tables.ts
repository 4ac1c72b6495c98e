import { type Collection, type Graph, type Index, type Read, structural } from '../../collection/index.ts';
import { actedOnGlooKinds } from '../../config/index.ts';
import {
  byAge,
  type ConfigObject,
  compareText,
  type Issue,
  type Kind,
  objectId,
  type SharedKind,
  type WorkspaceSettingsSpec,
  type WorkspaceSpec,
} from '../../model/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import { type ClusterIdentity, entriesFor, membershipOf, namedNamespaces } from './membership.ts';
import { isShared, mergeSettings, type Share, shareOf } from './sharing.ts';
import { IMPLICIT_WORKSPACE, implicitWorkspace, type Workspace, workspaceOf } from './workspace.ts';
import {
  type Neighbour,
  outsideWorkspaces,
  overlapFindings,
  settingsFindings,
  shadowedSettings,
  workspaceFindings,
} from './workspace-findings.ts';

/** Which namespaces see what (spec/gloo.md 2.10). Every question is asked through `read`, so that answers stay up to date. */
export interface Workspaces {
  /** False while no Workspace object exists: one implicit workspace holds all namespaces, and nothing is copied. */
  explicit(read: Read): boolean;
  /** The workspace that a namespace belongs to; absent where Gloo objects are not read. */
  ofNamespace(read: Read, namespace: string): string | undefined;
  /** Namespaces of a workspace in the cluster, sorted: those that objects or proxies are in, and those that it names. */
  namespacesOf(read: Read, workspace: string): readonly string[];
  /** Workspaces that own the object or have imported it, the owner first, then sorted. None for a Gloo object that is not read. */
  viewersOf(read: Read, object: ConfigObject): readonly string[];
  /** Workspaces whose objects can be seen in a workspace: itself, then those that it imports from. */
  sourcesOf(read: Read, workspace: string): readonly string[];
  /** The WorkspaceSettings of a workspace, and those of all; the latter win. */
  settingsOf(read: Read, workspace: string): Pick<Settings, 'own' | 'global'>;
  /** One row for each workspace, by name. */
  readonly workspaces: Collection<Workspace>;
  /** Findings on Workspaces, their settings, and objects outside any of them. */
  readonly findings: readonly Collection<Translation>[];
}

/** Where a namespace belongs. */
interface Home {
  readonly workspace: string;
  /** Whether Gloo objects in the namespace are read. */
  readonly configured: boolean;
  /** Younger workspaces that want the namespace, too. */
  readonly others: readonly string[];
}

/** Settings of one workspace after `global` ones have been laid over them. */
interface Settings {
  readonly own?: ConfigObject<WorkspaceSettingsSpec>;
  readonly global?: ConfigObject<WorkspaceSettingsSpec>;
  readonly merged: WorkspaceSettingsSpec;
}

interface PlacedSettings {
  readonly object: ConfigObject<WorkspaceSettingsSpec>;
  readonly workspace?: string;
  readonly global: boolean;
}

const ALL = 'all';

/** Kinds that live beside workspaces, not in them. */
const ADMIN_KINDS: ReadonlySet<Kind> = new Set(['Workspace', 'KubernetesCluster', 'WorkspaceSettings']);

const SHARED_KINDS: Readonly<Record<Kind, SharedKind>> = {
  ExternalService: 'EXTERNAL_SERVICE',
  VirtualDestination: 'VIRTUAL_DESTINATION',
  RouteTable: 'ROUTE_TABLE',
  Service: 'SERVICE',
};

export function buildWorkspaces(graph: Graph, inputs: TranslateInputs): Workspaces {
  const objects = inputs.gloo<WorkspaceSpec>('Workspace');
  const settingsObjects = inputs.gloo<WorkspaceSettingsSpec>('WorkspaceSettings');
  const clusters = inputs.gloo('KubernetesCluster');
  const clustersByName = graph.index('translate.v2.clusters', clusters, ({ key }) => [key.name]);
  const byName = graph.index('translate.v2.workspace-objects', objects, ({ key }) => [key.name]);
  const anywhere = graph.index('translate.v2.workspace-objects-all', objects, () => [ALL]);
  const adminNamespaces = graph.index('translate.v2.admin-namespaces', objects, ({ key }) => [key.namespace]);

  const clusterOf = (read: Read): ClusterIdentity => {
    const name = read.get(inputs.settings, 'settings')?.cluster ?? '';
    const [first] = [...read.lookup(clustersByName, name)].sort();
    return { name, labels: (first === undefined ? undefined : read.get(clusters, first))?.labels ?? {} };
  };

  // Every workspace by its name; where two have one name, the older one is it.
  const names = graph.distinct('translate.v2.workspace-names', objects, ({ key }) => [[key.name, key.name]]);
  const written = graph.derive<string, Workspace>(
    'translate.v2.written-workspaces',
    names,
    (name, _, read) => {
      const [first] = [...read.lookup(byName, name)].map((id) => read.get(objects, id)!).sort(byAge);
      return first === undefined ? [] : [[name, workspaceOf(first, entriesFor(first.spec, clusterOf(read)))]];
    },
    structural,
  );
  const implicit = graph.derive<unknown, Workspace>(
    'translate.v2.implicit-workspace',
    inputs.settings,
    (_, __, read) => (read.lookup(anywhere, ALL).size > 0 ? [] : [[IMPLICIT_WORKSPACE, implicitWorkspace]]),
    structural,
  );
  const workspaces = graph.union('translate.v2.workspaces', written, implicit);
  const all = graph.index('translate.v2.workspaces-all', workspaces, () => [ALL]);
  const everyWorkspace = (read: Read): Workspace[] =>
    [...read.lookup(all, ALL)].map((name) => read.get(workspaces, name)!).sort(byCreation);

  // The workspace of each namespace, and the namespaces of each workspace.
  const namespaces = knownNamespaces(graph, inputs, workspaces);
  const homes = graph.derive<string, Home>(
    'translate.v2.homes',
    namespaces,
    (namespace, _, read) => {
      const labels = read.get(inputs.namespaces, objectId({ kind: 'Namespace', namespace: '', name: namespace }))?.labels ?? {};
      const claims = everyWorkspace(read).flatMap(({ name, entries }) => {
        const membership = membershipOf(entries, namespace, labels);
        return membership === undefined ? [] : [{ workspace: name, ...membership }];
      });
      const [first, ...others] = claims;
      return first === undefined ? [] : [[namespace, { ...first, others: others.map(({ workspace }) => workspace) }]];
    },
    structural,
  );
  const members = graph.index('translate.v2.members', homes, ({ workspace }) => [workspace]);

  // What WorkspaceSettings come to.
  const placed = graph.derive<ConfigObject<WorkspaceSettingsSpec>, PlacedSettings>(
    'translate.v2.placed-settings',
    settingsObjects,
    (object, id, read) => {
      const global = object.key.name === 'global' && read.lookup(adminNamespaces, object.key.namespace).size > 0;
      const home = read.get(homes, object.key.namespace);
      return [[id, { object, global, ...(home?.configured && !global && { workspace: home.workspace }) }]];
    },
    structural,
  );
  const placedByWorkspace = graph.index('translate.v2.settings-by-workspace', placed, ({ workspace }) =>
    workspace === undefined ? [] : [workspace],
  );
  const globals = graph.index('translate.v2.global-settings', placed, ({ global }) => (global ? [ALL] : []));
  const oldest = (read: Read, index: Index<PlacedSettings>, at: string) =>
    [...read.lookup(index, at)].map((id) => read.get(placed, id)!.object).sort(byAge)[0];
  const settings = graph.derive<Workspace, Settings>(
    'translate.v2.settings',
    workspaces,
    (_, name, read) => {
      const own = oldest(read, placedByWorkspace, name);
      const global = oldest(read, globals, ALL);
      const merged = mergeSettings(own?.spec, global?.spec);
      return [[name, { merged, ...(own !== undefined && { own }), ...(global !== undefined && { global }) }]];
    },
    structural,
  );
  const party = (read: Read, { name, labels }: Workspace) => ({
    name,
    labels,
    settings: read.get(settings, name)?.merged ?? {},
  });
  const shares = graph.derive<Workspace, Share>(
    'translate.v2.shares',
    workspaces,
    (importer, name, read) =>
      everyWorkspace(read)
        .filter((exporter) => exporter.name !== name)
        .flatMap((exporter) => {
          const share = shareOf(party(read, importer), party(read, exporter));
          return share === undefined ? [] : [[`${name}\n${exporter.name}`, share] as const];
        }),
    structural,
  );
  const sharesByImporter = graph.index('translate.v2.shares-by-importer', shares, ({ importer }) => [importer]);
  const sharesByExporter = graph.index('translate.v2.shares-by-exporter', shares, ({ exporter }) => [exporter]);

  const answers: Omit<Workspaces, 'findings'> = {
    workspaces,
    explicit: (read) => read.lookup(anywhere, ALL).size > 0,
    ofNamespace: (read, namespace) => {
      const home = read.get(homes, namespace);
      return home?.configured ? home.workspace : undefined;
    },
    namespacesOf: (read, workspace) => [...read.lookup(members, workspace)].sort(),
    sourcesOf: (read, workspace) => [
      workspace,
      ...[...read.lookup(sharesByImporter, workspace)].map((key) => read.get(shares, key)!.exporter).sort(),
    ],
    settingsOf: (read, workspace) => read.get(settings, workspace) ?? {},
    viewersOf: (read, object) => {
      const home = read.get(homes, object.key.namespace);
      if (home === undefined || (object.key.kind !== 'Service' && !home.configured)) return [];
      const kind = SHARED_KINDS[object.key.kind];
      const { name: cluster } = clusterOf(read);
      const importers = [...read.lookup(sharesByExporter, home.workspace)]
        .map((key) => read.get(shares, key)!)
        .filter((share) => kind !== undefined && isShared(share, kind, object, cluster))
        .map(({ importer }) => importer);
      return [home.workspace, ...importers.sort()];
    },
  };

  // What there is to say.
  const claimed = graph.index('translate.v2.claimed-namespaces', homes, ({ others }) => others);
  const onWorkspaces = graph.derive<ConfigObject<WorkspaceSpec>, Translation>(
    'translate.v2.workspace-findings',
    objects,
    (object, id, read) => {
      const cluster = clusterOf(read);
      const { name } = object.key;
      const rivals = [...read.lookup(byName, name)].map((key) => read.get(objects, key)!).sort(byAge);
      const taken = [...read.lookup(claimed, name)].sort().map((namespace) => ({
        namespace,
        by: read.get(homes, namespace)!.workspace,
      }));
      const has = read.lookup(members, name).size;
      return saying(id, [...workspaceFindings(object, cluster, has, rivals[0]!), ...overlapFindings(object, taken)]);
    },
    structural,
  );
  const onSettings = graph.derive<PlacedSettings, Translation>(
    'translate.v2.settings-findings',
    placed,
    ({ object, workspace, global }, id, read) => {
      const first = global
        ? oldest(read, globals, ALL)
        : workspace === undefined
          ? undefined
          : oldest(read, placedByWorkspace, workspace);
      if (first === undefined) return saying(id, []);
      if (objectId(first.key) !== id) return saying(id, [shadowedSettings(object, first, workspace)]);
      const neighbours = everyWorkspace(read)
        .filter(({ name }) => name !== workspace)
        .map((other): Neighbour => {
          const share = workspace === undefined ? undefined : read.get(shares, `${workspace}\n${other.name}`);
          return { name: other.name, labels: other.labels, shares: share !== undefined };
        });
      return saying(id, [...settingsFindings(object, workspace, neighbours)]);
    },
    structural,
  );
  const outside = actedOnGlooKinds
    .filter((kind) => isOfV2(kind) && (!ADMIN_KINDS.has(kind) || kind === 'WorkspaceSettings'))
    .map((kind) =>
      graph.derive<ConfigObject, Translation>(
        `translate.v2.outside.${kind}`,
        inputs.gloo(kind),
        (object, id, read) => {
          const home = read.get(homes, object.key.namespace);
          const isAdmin = kind === 'WorkspaceSettings' && object.key.name === 'global';
          if (home?.configured || isAdmin) return saying(id, []);
          return saying(id, [outsideWorkspaces(object, home?.workspace)]);
        },
        structural,
      ),
    );
  return { ...answers, findings: [onWorkspaces, onSettings, ...outside] };
}

/** Namespaces that something is in: objects of any kind, proxies, and those that workspaces name. */
function knownNamespaces(graph: Graph, inputs: TranslateInputs, workspaces: Collection<Workspace>): Collection<string> {
  const ofObjects = ({ key }: ConfigObject): readonly (readonly [string, string])[] => [[key.namespace, key.namespace]];
  const gloo = actedOnGlooKinds.filter((kind) => isOfV2(kind) && !ADMIN_KINDS.has(kind));
  return graph.union(
    'translate.v2.namespaces',
    graph.distinct('translate.v2.namespaces.objects', inputs.namespaces, ({ key }) => [[key.name, key.name]]),
    graph.distinct('translate.v2.namespaces.services', inputs.services, ofObjects),
    graph.distinct('translate.v2.namespaces.pods', inputs.pods, ofObjects),
    graph.distinct('translate.v2.namespaces.workload-entries', inputs.workloadEntries, ofObjects),
    graph.distinct('translate.v2.namespaces.proxies', inputs.proxies, ({ namespace }) => [[namespace, namespace]]),
    graph.distinct('translate.v2.namespaces.settings', inputs.gloo('WorkspaceSettings'), ofObjects),
    graph.distinct('translate.v2.namespaces.named', workspaces, ({ entries }) =>
      namedNamespaces(entries).map((name) => [name, name] as const),
    ),
    ...gloo.map((kind) => graph.distinct(`translate.v2.namespaces.${kind}`, inputs.gloo(kind), ofObjects)),
  );
}

/** Kinds of v1 are in no workspace. */
function isOfV2(kind: Kind): boolean {
  return !kind.includes('mesh.gloo.solo.io') && kind !== 'Destination' && kind !== 'VirtualMesh' && kind !== 'TrafficPolicy';
}

function saying(id: string, issues: readonly Issue[]): readonly (readonly [string, Translation])[] {
  return issues.length === 0 ? [] : [[`said of ${id}`, { objects: [], issues }]];
}

function byCreation(a: Workspace, b: Workspace): number {
  return a.createdAt - b.createdAt || compareText(a.name, b.name);
}
