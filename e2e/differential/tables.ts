import { type DescMessage, fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { ClusterSchema } from '@sallyport/apis/cluster';
import { ClusterLoadAssignmentSchema } from '@sallyport/apis/endpoint';
import { ListenerSchema } from '@sallyport/apis/listener';
import { registry } from '@sallyport/apis/registry';
import { RouteConfigurationSchema } from '@sallyport/apis/route';
import type { ResourceTable } from 'sallyport/ads/index.ts';
import { TestMesh } from 'sallyport/ads/testing/mesh.ts';
import type { Input } from 'sallyport/collection/index.ts';
import { contentHash } from 'sallyport/lib/hash.ts';
import { linkKey, type Resource, type ResourceLink, type ResourceType } from 'sallyport/model/index.ts';
import type { GeneratedResources } from 'sallyport/pipeline/generate.ts';

/** The four lists of `generate` that Envoy takes. */
export type Lists = Pick<GeneratedResources, 'listeners' | 'clusters' | 'routes' | 'endpoints'>;

export const NOTHING: Lists = { listeners: [], clusters: [], routes: [], endpoints: [] };

const LISTS: Readonly<Record<keyof Lists, { type: ResourceType; schema: DescMessage; name: string }>> = {
  clusters: { type: 'cluster', schema: ClusterSchema, name: 'name' },
  endpoints: { type: 'endpoints', schema: ClusterLoadAssignmentSchema, name: 'clusterName' },
  listeners: { type: 'listener', schema: ListenerSchema, name: 'name' },
  routes: { type: 'route', schema: RouteConfigurationSchema, name: 'name' },
};
const CLASS = 'differential';

interface Table extends ResourceTable {
  readonly links: Input<ResourceLink>;
  readonly resources: Input<Resource>;
}

/** Tables for the ADS server that hold one set of resources, replaced as a whole. */
export class Tables {
  readonly #mesh = new TestMesh();
  readonly #tables: readonly Table[] = Object.values(LISTS).map(({ type }) => ({
    type,
    links: this.#mesh.graph.input<ResourceLink>(`differential ${type} links`, (a, b) => a.target === b.target),
    resources: this.#mesh.graph.input<Resource>(`differential ${type}s`, (a, b) => a.version === b.version),
  }));

  get inputs() {
    return { graph: this.#mesh.graph, tables: this.#tables, classOf: this.#mesh.classOf };
  }

  /** Every proxy that connects gets what is here. */
  connect(nodes: readonly { readonly id: string }[]): void {
    this.#mesh.commit((edit) => {
      for (const { id } of nodes) edit.proxy(id, CLASS);
    });
  }

  replace(lists: Lists): void {
    this.#mesh.graph.commit((tx) => {
      for (const [list, { type, schema, name }] of Object.entries(LISTS) as [keyof Lists, (typeof LISTS)[keyof Lists]][]) {
        const table = this.#tables.find((one) => one.type === type)!;
        const wanted = new Map(
          lists[list].map((json) => resourceOf(type, schema, (json as Record<string, string>)[name]!, json)),
        );
        for (const [key] of [...table.resources.entries()]) if (!wanted.has(key)) tx.set(table.resources, key, undefined);
        for (const [key, link] of [...table.links.entries()]) if (!wanted.has(link.target)) tx.set(table.links, key, undefined);
        for (const [target, resource] of wanted) {
          const link = { class: CLASS, type, name: resource.name, target };
          tx.set(table.resources, target, resource);
          tx.set(table.links, linkKey(link), link);
        }
      }
    });
  }
}

function resourceOf(type: ResourceType, schema: DescMessage, name: string, json: JsonValue): [string, Resource] {
  const bytes = toBinary(schema, fromJson(schema, json, { registry: registry() }));
  return [name, { type, name, version: contentHash(Buffer.from(bytes).toString('base64')), bytes }];
}
