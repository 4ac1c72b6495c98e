import { type Collection, type Derive, type Graph, type Read, structural } from '../collection/index.ts';
import { MESH, type MeshConfig, objectId } from '../model/index.ts';
import { DEFAULTS, type Defaults, defaultsFrom } from './defaults.ts';
import { MESH_CONFIG_MAP, meshFrom } from './mesh.ts';
import { nameRules } from './resolution.ts';
import type { RegistryInputs } from './types.ts';

/** Makes a derivation that needs the defaults, and gives no rows while there are none. */
export type WithDefaults = <I, O>(
  fn: (row: I, d: Defaults, read: Read, key: string) => Iterable<readonly [string, O]>,
) => Derive<I, O>;

/** The mesh configuration, what is to be said about it, and the part of it that other tables here depend on. */
export function buildMesh(graph: Graph, inputs: RegistryInputs) {
  const sources = graph.derive(
    'registry.mesh-sources',
    inputs.settings,
    ({ rootNamespace }, _, read) => {
      const configMap = objectId({ kind: 'ConfigMap', namespace: rootNamespace, name: MESH_CONFIG_MAP });
      const overlay = read.get(inputs.meshOverlay, MESH);
      return [[MESH, meshFrom({ rootNamespace, overlay, configMap: read.get(inputs.configMaps, configMap) })]];
    },
    structural,
  );
  const mesh: Collection<MeshConfig> = graph.derive('registry.mesh', sources, ({ value }) => [[MESH, value]], structural);
  const meshIssues = graph.derive(
    'registry.mesh-issues',
    sources,
    ({ issues }) => issues.map((issue, i) => [`${MESH}/${i}`, issue] as const),
    structural,
  );
  const defaults = graph.derive(
    'registry.defaults',
    inputs.settings,
    (settings, _, read) => {
      const row = read.get(mesh, MESH);
      return row === undefined ? [] : [[DEFAULTS, defaultsFrom(settings, row)]];
    },
    structural,
  );
  const names = graph.derive('registry.name-rules', mesh, (row) => [[MESH, nameRules(row)]], structural);
  const defaultsOf = (read: Read) => read.get(defaults, DEFAULTS);
  const withDefaults: WithDefaults = (fn) => (row, key, read) => {
    const d = defaultsOf(read);
    return d === undefined ? [] : fn(row, d, read, key);
  };
  return { mesh, meshIssues, nameRules: names, defaultsOf, withDefaults };
}
