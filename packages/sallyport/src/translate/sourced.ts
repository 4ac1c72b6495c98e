import type { ConfigObject, FieldPath, Provenance, Translated } from '../model/index.ts';
import type { IstioKind } from './types.ts';

/** A part of an object in the making that knows which Gloo field it comes from. */
class Sourced<T> {
  readonly value: Marked<T>;
  readonly source: Omit<Provenance, 'field'>;

  constructor(value: Marked<T>, source: Omit<Provenance, 'field'>) {
    this.value = value;
    this.source = source;
  }
}

/** A value any part of which may say where it comes from. Parts that are undefined are left out. */
export type Marked<T> =
  | Sourced<T>
  | (T extends readonly (infer E)[]
      ? readonly Marked<E>[]
      : T extends object
        ? { readonly [K in keyof T]: Marked<T[K]> | (undefined extends T[K] ? undefined : never) }
        : T);

/** A value made from a field of a Gloo object: all of it points there, except the parts of it that point elsewhere. */
export function took<T>(object: ConfigObject, field: FieldPath, value: Marked<T>): Marked<T> {
  return new Sourced<T>(value, { object: object.key, from: field });
}

/** A value that stands in a field of a Gloo object as it is: parts of it point to the parts of the field. */
export function copied<T>(object: ConfigObject, field: FieldPath, value: T): Marked<NonNullable<T>> | Extract<T, undefined> {
  if (value === undefined) return value as Extract<T, undefined>;
  return new Sourced(value as Marked<NonNullable<T>>, { object: object.key, from: field, copied: true });
}

/** What a translated object is made of. */
export interface Parts<S> {
  readonly kind: IstioKind;
  readonly name: Marked<string>;
  readonly namespace: Marked<string>;
  readonly labels?: Marked<Readonly<Record<string, string>>>;
  readonly annotations?: Marked<Readonly<Record<string, string>>>;
  readonly spec: Marked<S>;
}

/** The Istio object that `parent`, with the help of the objects that its parts point to, stands for. It is as old as its parent. */
export function madeFrom<S>(parent: ConfigObject, parts: Parts<S>): Translated {
  const provenance: Provenance[] = [];
  const read = <T>(value: Marked<T> | undefined, field: FieldPath) => unwrap(value, [...field], provenance) as T;
  const namespace = read(parts.namespace, ['metadata', 'namespace']);
  const name = read(parts.name, ['metadata', 'name']);
  const object: ConfigObject<S> = {
    key: { kind: parts.kind, namespace, name },
    apiVersion: API_VERSIONS[parts.kind],
    labels: read(parts.labels, ['metadata', 'labels']) ?? {},
    annotations: read(withRequests(parent, parts), ['metadata', 'annotations']) ?? {},
    createdAt: parent.createdAt,
    spec: read(parts.spec, ['spec']),
    origin: parent.origin,
    translatedFrom: parent.key,
  };
  return { object, provenance };
}

/** What the user asks of us for an external service by annotations `sallyport.io/…` holds for its ServiceEntry, which is who gets asked. */
function withRequests(
  { annotations, ...parent }: ConfigObject,
  { kind, annotations: own }: Parts<unknown>,
): Parts<unknown>['annotations'] {
  const asked = Object.entries(annotations).filter(([name]) => kind === 'ServiceEntry' && name.startsWith('sallyport.io/'));
  if (asked.length === 0) return own;
  const object = { ...parent, annotations };
  const requests = asked.map(([name, value]) => [name, copied(object, ['metadata', 'annotations', name], value)] as const);
  return { ...own, ...Object.fromEntries(requests) };
}

/** As `kubectl get` showed them when the published outputs were made (spec/gloo.md 1.2). */
const NETWORKING = 'networking.istio.io/v1beta1';
const SECURITY = 'security.istio.io/v1beta1';
const API_VERSIONS: Readonly<Record<IstioKind, string>> = {
  ServiceEntry: NETWORKING,
  WorkloadEntry: NETWORKING,
  VirtualService: NETWORKING,
  DestinationRule: NETWORKING,
  Gateway: NETWORKING,
  Sidecar: NETWORKING,
  AuthorizationPolicy: SECURITY,
  PeerAuthentication: SECURITY,
};

/** `path` is where the value stands in the object, the same list for all of it. */
function unwrap(value: unknown, path: (string | number)[], found: Provenance[]): unknown {
  if (value instanceof Sourced) {
    found.push({ field: [...path], ...value.source });
    return unwrap(value.value, path, found);
  }
  if (typeof value !== 'object' || value === null) return value;
  const inside = (key: string | number, item: unknown): unknown => {
    path.push(key);
    const made = unwrap(item, path, found);
    path.pop();
    return made;
  };
  if (Array.isArray(value)) return value.map((item, i) => inside(i, item));
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) result[key] = inside(key, item);
  return result;
}
