import { type DescMessage, fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import { ClusterSchema } from '@sallyport/apis/cluster';
import { ClusterLoadAssignmentSchema } from '@sallyport/apis/endpoint';
import { ListenerSchema } from '@sallyport/apis/listener';
import { NameTableSchema } from '@sallyport/apis/nds';
import { registry } from '@sallyport/apis/registry';
import { RouteConfigurationSchema } from '@sallyport/apis/route';
import { resourcesHeld } from '../ads/held.ts';
import { nameTableOf } from '../envoy/index.ts';
import { compareText, type ProxyNode, type Resource, type ResourceType } from '../model/index.ts';
import type { Pipeline } from './index.ts';
import { type LookedUp, lookedUp, withNames } from './unheard.ts';

/** Every resource of one proxy, each list sorted by name, as canonical proto3 JSON (design.md section 4, `generate`). */
export interface GeneratedResources {
  readonly listeners: readonly JsonValue[];
  readonly clusters: readonly JsonValue[];
  readonly routes: readonly JsonValue[];
  readonly endpoints: readonly JsonValue[];
  /** By host; also for proxies that do not ask for it, because their agent leaves DNS alone. */
  readonly nameTable: Readonly<Record<string, JsonValue>>;
}

const SCHEMAS: Readonly<Partial<Record<ResourceType, DescMessage>>> = {
  cluster: ClusterSchema,
  endpoints: ClusterLoadAssignmentSchema,
  listener: ListenerSchema,
  route: RouteConfigurationSchema,
};

export interface GenerateOptions {
  /** Endpoints that nobody has looked up are shown by their names: for whoever replays calls, not for Envoy. */
  readonly names?: true;
  /** Is told of the clusters whose endpoints the control plane looks up. */
  readonly onLookedUp?: (clusters: readonly LookedUp[]) => void;
}

/** Connects the proxy for as long as it takes to read what it would be sent. */
export function generate(pipeline: Pipeline, proxy: ProxyNode, options: GenerateOptions = {}): GeneratedResources {
  pipeline.graph.commit((tx) => tx.set(pipeline.inputs.proxies, proxy.id, proxy));
  try {
    const list = (type: ResourceType) => resourcesOf(pipeline, proxy.id, type, options);
    options.onLookedUp?.(lookedUp(pipeline, pipeline.scope.classOf.get(proxy.id)?.id ?? ''));
    return {
      listeners: list('listener'),
      clusters: list('cluster'),
      routes: list('route'),
      endpoints: list('endpoints'),
      nameTable: namesOf(pipeline, proxy.id),
    };
  } finally {
    pipeline.graph.commit((tx) => tx.set(pipeline.inputs.proxies, proxy.id, undefined));
  }
}

function resourcesOf(pipeline: Pipeline, proxy: string, type: ResourceType, { names }: GenerateOptions): JsonValue[] {
  const schema = SCHEMAS[type];
  if (schema === undefined) return [];
  return linkedTo(pipeline, proxy, type).map(([key, resource]) => {
    const bytes = names === true ? withNames(pipeline, key, resource) : resource.bytes;
    return toJson(schema, fromBinary(schema, bytes), { registry: registry() });
  });
}

function namesOf(pipeline: Pipeline, proxy: string): Readonly<Record<string, JsonValue>> {
  const proxies = pipeline.scope.classOf.get(proxy);
  if (proxies === undefined) return {};
  const [given] = linkedTo(pipeline, proxy, 'nameTable');
  const { bytes } = given?.[1] ?? nameTableOf(proxies, { ...pipeline.registry, ...pipeline.scope });
  const { table = {} } = toJson(NameTableSchema, fromBinary(NameTableSchema, bytes)) as { table?: Record<string, JsonValue> };
  return table;
}

/** The resources of one type that the proxy is linked to, by name. */
function linkedTo(
  { scope, envoy }: Pick<Pipeline, 'scope' | 'envoy'>,
  proxy: string,
  type: ResourceType,
): (readonly [string, Resource])[] {
  const classId = scope.classOf.get(proxy)?.id;
  if (classId === undefined) return [];
  const found = envoy.tables
    .filter((table) => table.type === type)
    .flatMap((table) =>
      [...resourcesHeld(table, classId)].flatMap(({ key }) => {
        const resource = table.resources.get(key);
        return resource === undefined ? [] : [[key, resource] as const];
      }),
    );
  return found.sort(([, a], [, b]) => compareText(a.name, b.name));
}
