import { type Collection, createGraph, type Graph, type GraphOptions, type Input, structural } from '../index.ts';

/** A small mesh in which every feature of the engine plays a part: joins, indexes, groups, shared rows, rivals and failures. */
export interface Entry {
  readonly namespace: string;
  readonly host: string;
  readonly port: number;
  readonly weight: number;
}

export interface ToyMesh {
  readonly graph: Graph;
  readonly entries: Input<Entry>;
  readonly weights: Input<number>;
  readonly classes: Input<readonly string[]>;
  readonly derived: readonly Collection<unknown>[];
}

export function toyMesh(options?: GraphOptions): ToyMesh {
  const graph = createGraph(options);
  const entries = graph.input<Entry>('entries', structural);
  const weights = graph.input<number>('weights');
  const classes = graph.input<readonly string[]>('classes', structural);
  const importers = graph.index('importers', classes, (namespaces) => namespaces);
  const services = graph.derive(
    'services',
    entries,
    (e, key) => [[key, { namespace: e.namespace, host: e.host, port: e.port }]],
    structural,
  );
  const effective = graph.derive('effective', entries, (e, key, read) => [[key, e.weight + (read.get(weights, e.host) ?? 0)]]);
  const heads = graph.split('heads', entries, ({ weight: _, ...head }, key) => [[key, head]], structural);
  const ports = graph.split('ports', services, ({ port, host }, key) => (port === 80 ? [] : [[`${key}:${port}`, host]]));
  const named = graph.derive('named', heads, ({ host }, key, read) => [[`${host} ${key}`, read.get(ports, `${key}:443`) ?? '']]);
  // The first entry to claim a host keeps it: two rows may produce one key.
  const owners = graph.derive('owners', services, (s, key) => [[`${s.namespace}/${s.host}`, key]]);
  const visible = graph.derive(
    'visible',
    services,
    (s, key, read) =>
      [...read.lookup(importers, s.namespace)].map((c) => [`${c}|${key}`, { class: c, service: key, port: s.port }] as const),
    structural,
  );
  const byPlace = graph.index('byPlace', visible, (v) => [`${v.class}|${v.port}`]);
  const places = graph.distinct('places', visible, (v) => [[`${v.class}|${v.port}`, `${v.class}|${v.port}`]]);
  const tables = graph.derive('tables', places, (place, key, read) => {
    const members = [...read.lookup(byPlace, place)].sort();
    const lines = members.map((m) => {
      const service = read.get(visible, m)!.service;
      const weight = read.get(effective, service) ?? 0;
      const host = read.get(services, service)?.host;
      return `${host}=${weight}${read.get(owners, `${read.get(services, service)?.namespace}/${host}`) === service ? '!' : ''}`;
    });
    return [[key, lines.join(',')]];
  });
  return {
    graph,
    entries,
    weights,
    classes,
    derived: [services, heads, ports, named, effective, owners, visible, places, tables],
  };
}

/** All derived rows as plain data, independent of insertion order. */
export function contentOf(mesh: ToyMesh): Record<string, unknown> {
  return Object.fromEntries(
    mesh.derived.map((c) => [c.name, Object.fromEntries([...c.entries()].sort(([a], [b]) => (a < b ? -1 : 1)))]),
  );
}
