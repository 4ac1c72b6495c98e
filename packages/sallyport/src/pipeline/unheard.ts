import { create, toBinary } from '@bufbuild/protobuf';
import { ClusterLoadAssignmentSchema } from '@sallyport/apis/endpoint';
import { resourcesHeld } from '../ads/held.ts';
import { questionKey, type Resource } from '../model/index.ts';
import type { Pipeline } from './index.ts';

/** A cluster whose endpoints the control plane looks up. */
export interface LookedUp {
  readonly cluster: string;
  readonly names: readonly string[];
}

/** The clusters of a class whose endpoints the control plane looks up, in no order. */
export function lookedUp({ envoy }: Pick<Pipeline, 'envoy'>, classId: string): readonly LookedUp[] {
  return envoy.tables
    .filter(({ type }) => type === 'endpoints')
    .flatMap((table) => [...resourcesHeld(table, classId)])
    .flatMap(({ key }) => {
      const set = envoy.resolved.get(key);
      return set === undefined ? [] : [{ cluster: set.cluster, names: [...new Set(set.places.map(({ name }) => name))].sort() }];
    });
}

/** For people: where these endpoints come from. Lower case, without full stop. */
export function lookedUpText({ cluster, names }: LookedUp): string {
  return `the endpoints of ${cluster} are what the control plane finds for ${names.join(', ')}, which is looked up when it runs and a proxy needs it`;
}

/**
 * A set of endpoints as its reader should see it where nobody looks names up: with the names, which is what a DNS cluster would
 * show. Sets that are not looked up, or have been, stay as they are.
 */
export function withNames({ envoy, inputs }: Pick<Pipeline, 'envoy' | 'inputs'>, key: string, resource: Resource): Uint8Array {
  const set = envoy.resolved.get(key);
  if (set === undefined || set.questions.some((question) => inputs.answers.get(questionKey(question)) !== undefined))
    return resource.bytes;
  const lbEndpoints = set.places.map(({ name, port }) => ({
    hostIdentifier: {
      case: 'endpoint' as const,
      value: {
        address: {
          address: {
            case: 'socketAddress' as const,
            value: { address: name, portSpecifier: { case: 'portValue' as const, value: port } },
          },
        },
      },
    },
  }));
  const names = toBinary(ClusterLoadAssignmentSchema, create(ClusterLoadAssignmentSchema, { endpoints: [{ lbEndpoints }] }));
  // Items of a repeated field may stand anywhere in a message: joining the bytes adds the names.
  const joined = new Uint8Array(resource.bytes.length + names.length);
  joined.set(resource.bytes);
  joined.set(names, resource.bytes.length);
  return joined;
}
