import { type Collection, type Graph, structural } from '../collection/index.ts';
import { type Issue, MESH, type MeshConfig, type PeerPolicies } from '../model/index.ts';
import { issueRows } from './issues/finding.ts';
import { peerFindings } from './issues/peer-authentication.ts';
import { type PeerObject, peerPoliciesOf } from './peer-authentication.ts';
import type { RegistryInputs } from './types.ts';

/** PeerAuthentications by namespace, and what is to be said about them. */
export function buildPeers(graph: Graph, { peerAuthentications }: RegistryInputs, mesh: Collection<MeshConfig>) {
  const byNamespace = graph.index('registry.peers-by-namespace', peerAuthentications, ({ key }) => [key.namespace]);
  const namespaces = graph.distinct('registry.peer-namespaces', peerAuthentications, ({ key }) => [[key.namespace, true]]);
  const groups = graph.derive(
    'registry.peer-groups',
    namespaces,
    (_, namespace, read) => {
      const settings = read.get(mesh, MESH);
      const objects = [...read.lookup(byNamespace, namespace)].map((key) => read.get(peerAuthentications, key)!);
      return settings === undefined ? [] : [[namespace, { objects, rootNamespace: settings.rootNamespace }]];
    },
    sameObjects,
  );
  const peers: Collection<PeerPolicies> = graph.derive(
    'registry.peers',
    groups,
    ({ objects, rootNamespace }, namespace) => [[namespace, peerPoliciesOf(namespace, objects, rootNamespace)]],
    structural,
  );
  const peerIssues: Collection<Issue> = graph.derive(
    'registry.peer-issues',
    groups,
    ({ objects, rootNamespace }) => issueRows(peerFindings(objects, rootNamespace)),
    structural,
  );
  return { peers, peerIssues };
}

interface PeerGroup {
  readonly objects: readonly PeerObject[];
  readonly rootNamespace: string;
}

/** In whatever order: what is made of a group sorts it. */
function sameObjects(a: PeerGroup, b: PeerGroup): boolean {
  const others = new Set(b.objects);
  return a.rootNamespace === b.rootNamespace && a.objects.length === others.size && a.objects.every((one) => others.has(one));
}
