import { fromBinary, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { type Cluster, ClusterSchema } from '@sallyport/apis/cluster';
import { type ClusterLoadAssignment, ClusterLoadAssignmentSchema } from '@sallyport/apis/endpoint';
import { type Listener, ListenerSchema } from '@sallyport/apis/listener';
import { registry } from '@sallyport/apis/registry';
import { type RouteConfiguration, RouteConfigurationSchema } from '@sallyport/apis/route';

/** All that one proxy has. */
export interface Resources {
  readonly listeners: readonly Listener[];
  readonly clusters: readonly Cluster[];
  readonly routes: readonly RouteConfiguration[];
  readonly endpoints: readonly ClusterLoadAssignment[];
}

type Lists<T> = Readonly<Record<keyof Resources, readonly T[]>>;

/** Decodes canonical proto3 JSON, as `generate` prints it. Throws on what is no such JSON. */
export function resourcesFromJson({ listeners, clusters, routes, endpoints }: Lists<JsonValue>): Resources {
  const options = { registry: registry() };
  return {
    listeners: listeners.map((json) => fromJson(ListenerSchema, json, options)),
    clusters: clusters.map((json) => fromJson(ClusterSchema, json, options)),
    routes: routes.map((json) => fromJson(RouteConfigurationSchema, json, options)),
    endpoints: endpoints.map((json) => fromJson(ClusterLoadAssignmentSchema, json, options)),
  };
}

/** Decodes messages as they are sent to proxies. */
export function resourcesFromBytes({ listeners, clusters, routes, endpoints }: Lists<Uint8Array>): Resources {
  return {
    listeners: listeners.map((bytes) => fromBinary(ListenerSchema, bytes)),
    clusters: clusters.map((bytes) => fromBinary(ClusterSchema, bytes)),
    routes: routes.map((bytes) => fromBinary(RouteConfigurationSchema, bytes)),
    endpoints: endpoints.map((bytes) => fromBinary(ClusterLoadAssignmentSchema, bytes)),
  };
}
