import { fromBinary, type JsonObject, toJson } from '@bufbuild/protobuf';
import { ClusterSchema } from '@sallyport/apis/cluster';
import { ListenerSchema } from '@sallyport/apis/listener';
import { registry } from '@sallyport/apis/registry';
import { createGraph, type Graph, type Input, structural } from '../../../collection/index.ts';
import {
  type ClassAuthorization,
  type ClassInbound,
  type Issue,
  MESH,
  type MeshConfig,
  type PeerMode,
  type ProxyClass,
  type Rule,
  type ScopedService,
  type ServedPort,
  scopedKey,
} from '../../../model/index.ts';
import { buildInbound } from '../../inbound-stage.ts';
import { mesh } from '../../listeners/testing/world.ts';
import type { EnvoyInputs } from '../../types.ts';

/** The inbound stage alone, fed with rows. */
export interface InboundWorld {
  readonly graph: Graph;
  readonly classes: Input<ProxyClass>;
  readonly mesh: Input<MeshConfig>;
  readonly inbound: Input<ClassInbound>;
  readonly authorized: Input<ClassAuthorization>;
  readonly scoped: Input<ScopedService>;
  readonly rules: Input<Rule>;
  /** What a class is sent, by name, as canonical JSON. */
  of(id: string): {
    readonly listeners: Readonly<Record<string, JsonObject>>;
    readonly clusters: Readonly<Record<string, JsonObject>>;
  };
  issues(): readonly Issue[];
}

export function inboundWorld(options?: Parameters<typeof createGraph>[0]): InboundWorld {
  const graph = createGraph(options);
  const input = <V>(name: string) => graph.input<V>(name, structural);
  const inputs = {
    classes: input<ProxyClass>('classes'),
    mesh: input<MeshConfig>('mesh'),
    inbound: input<ClassInbound>('inbound'),
    authorized: input<ClassAuthorization>('authorized'),
    scoped: input<ScopedService>('scoped'),
    rules: input<Rule>('rules'),
  };
  // The stage reads none of the other tables.
  const { listeners, clusters, issues } = buildInbound(graph, inputs as unknown as EnvoyInputs);
  const read = (table: typeof listeners, schema: typeof ListenerSchema | typeof ClusterSchema, id: string) =>
    Object.fromEntries(
      [...table.links.entries()]
        .filter(([, link]) => link.class === id)
        .map(([, { name, target }]) => {
          const message = fromBinary(schema as typeof ListenerSchema, table.resources.get(target)!.bytes);
          return [name, toJson(schema as typeof ListenerSchema, message, { registry: registry() }) as JsonObject] as const;
        })
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return {
    graph,
    ...inputs,
    of: (id) => ({ listeners: read(listeners, ListenerSchema, id), clusters: read(clusters, ClusterSchema, id) }),
    issues: () => issues.flatMap((table) => [...table.entries()].sort().map(([, issue]) => issue)),
  };
}

export interface InboundScene {
  readonly class: ProxyClass;
  readonly inbound?: Partial<ClassInbound>;
  readonly mesh?: Partial<MeshConfig>;
  readonly rules?: readonly Rule[];
}

/** A world with one class, and what it is sent. */
export function inboundOf({ class: of, inbound, mesh: more, rules = [] }: InboundScene) {
  const world = inboundWorld();
  world.graph.commit((tx) => {
    tx.set(world.mesh, MESH, mesh(more));
    tx.set(world.classes, of.id, of);
    tx.set(world.inbound, of.id, { class: of.id, ruling: { mode: 'PERMISSIVE' }, exceptions: [], ports: [], ...inbound });
    for (const rule of rules) {
      tx.set(world.rules, rule.key, rule);
      const { host, namespace, key } = rule;
      const scoped = { class: of.id, host, namespace, services: [], ports: [], rule: key, general: key };
      tx.set(world.scoped, scopedKey(scoped), scoped);
    }
  });
  return { ...world.of(of.id), issues: world.issues() };
}

/** A port that one service of namespace `shop` leads to; `http 80` unless told otherwise. */
export function servedPort(target: number, more: Partial<ServedPort> & { readonly mode?: PeerMode } = {}): ServedPort {
  const { mode = 'PERMISSIVE', host = 'a.example', ...rest } = more;
  return {
    target,
    port: target,
    protocol: 'http',
    host,
    ruling: { mode },
    from: { kind: 'ServiceEntry', namespace: 'shop', name: host },
    ruledBy: host,
    services: [{ host, name: host, namespace: 'shop' }],
    ...rest,
  };
}
