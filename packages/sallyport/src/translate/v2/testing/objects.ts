import type { ConfigObject, RouteTableSpec } from '../../../model/index.ts';

/** A Gloo object of namespace `shop`, as the configuration stage gives it out. */
export function object<S>(kind: string, name: string, spec: S, more: Partial<ConfigObject> = {}): ConfigObject<S> {
  return {
    key: { kind, namespace: 'shop', name },
    apiVersion: 'networking.gloo.solo.io/v2',
    labels: {},
    annotations: {},
    createdAt: 0,
    origin: { source: 'test', path: 'test.yaml', line: 1, column: 1 },
    ...more,
    spec,
  };
}

export function table(name: string, spec: RouteTableSpec, more: Partial<ConfigObject> = {}): ConfigObject<RouteTableSpec> {
  return object('RouteTable', name, spec, more);
}
