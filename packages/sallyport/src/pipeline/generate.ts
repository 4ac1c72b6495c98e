import { type DescMessage, fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import { ClusterSchema } from '@sallyport/apis/cluster';
import { ClusterLoadAssignmentSchema } from '@sallyport/apis/endpoint';
import { ListenerSchema } from '@sallyport/apis/listener';
import { registry } from '@sallyport/apis/registry';
import { RouteConfigurationSchema } from '@sallyport/apis/route';
import { compareText, type ProxyNode, type ResourceType } from '../model/index.ts';
import type { Pipeline } from './index.ts';

/** Every resource of one proxy, each list sorted by name, as canonical proto3 JSON (design.md section 4, `generate`). */
export interface GeneratedResources {
  readonly listeners: readonly JsonValue[];
  readonly clusters: readonly JsonValue[];
  readonly routes: readonly JsonValue[];
  readonly endpoints: readonly JsonValue[];
}

const SCHEMAS: Readonly<Partial<Record<ResourceType, DescMessage>>> = {
  cluster: ClusterSchema,
  endpoints: ClusterLoadAssignmentSchema,
  listener: ListenerSchema,
  route: RouteConfigurationSchema,
};

/** Connects the proxy for as long as it takes to read what it would be sent. */
export function generate(pipeline: Pipeline, proxy: ProxyNode): GeneratedResources {
  pipeline.graph.commit((tx) => tx.set(pipeline.inputs.proxies, proxy.id, proxy));
  try {
    const list = (type: ResourceType) => resourcesOf(pipeline, proxy.id, type);
    return { listeners: list('listener'), clusters: list('cluster'), routes: list('route'), endpoints: list('endpoints') };
  } finally {
    pipeline.graph.commit((tx) => tx.set(pipeline.inputs.proxies, proxy.id, undefined));
  }
}

function resourcesOf(pipeline: Pipeline, proxy: string, type: ResourceType): JsonValue[] {
  const classId = pipeline.scope.classOf.get(proxy)?.id;
  const table = pipeline.envoy.tables.find((t) => t.type === type);
  const schema = SCHEMAS[type];
  if (table === undefined || schema === undefined) return [];
  const found: [string, JsonValue][] = [];
  for (const [, link] of table.links.entries()) {
    const resource = link.class === classId ? table.resources.get(link.target) : undefined;
    if (resource !== undefined)
      found.push([link.name, toJson(schema, fromBinary(schema, resource.bytes), { registry: registry() })]);
  }
  return found.sort(([a], [b]) => compareText(a, b)).map(([, json]) => json);
}
