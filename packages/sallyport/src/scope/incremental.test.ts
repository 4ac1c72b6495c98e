import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Input } from '../collection/index.ts';
import {
  type Authorization,
  byServiceAge,
  MESH,
  type MeshConfig,
  type PeerMode,
  type PeerPolicies,
  type PlacedWorkload,
  poolKey,
  scopedKey,
  type Visibility,
} from '../model/index.ts';
import { fullView, scopedRow } from './host-view.ts';
import { importerOf, importPlaces, importsHost, importsOf, importsRouting, placesOfHost, placesOfRouting } from './imports.ts';
import { headOfRouting } from './routing-import.ts';
import { headOfRule } from './rule-choice.ts';
import {
  aMesh,
  aPool,
  aProxy,
  aRouting,
  aRule,
  aService,
  aSidecar,
  type Bed,
  idOf,
  makeBed,
  NOBODY,
  PUBLIC,
  ports,
  routeTo,
  to,
} from './testing/rows.ts';

type Row = object;
/** One row put, or taken away when it has no value. */
interface Step {
  readonly into: keyof Bed['inputs'];
  readonly key: string;
  readonly row: Row | undefined;
}

const namespace = fc.constantFrom('shop', 'pay', 'istio-system');
const host = fc.constantFrom('a.example', 'b.example', '*.example', 'c.b.example', 'x-a.example');
const visibility = fc.constantFrom<Visibility>(PUBLIC, PUBLIC, NOBODY, to('shop'), to('shop', 'pay'), to('istio-system'));
const age = fc.integer({ min: 0, max: 2 });
const labels = fc.constantFrom<Readonly<Record<string, string>>>({}, { app: 'web' }, { app: 'batch' });
const portList = fc.constantFrom(ports(80), ports(443), ports(80, 443));
const egressHost = fc
  .tuple(
    fc.constantFrom('*', '.', 'shop', 'pay', '~', '~pay'),
    fc.constantFrom('*', '*', 'a.example', '*.example', 'c.b.example', '*-a.example'),
  )
  .map(([from, name]) => `${from}/${name}`);
const egress = fc.record({
  hosts: fc.array(egressHost, { minLength: 1, maxLength: 3 }),
  port: fc.constantFrom({ number: 0, protocol: 'TCP' }, { number: 0, protocol: 'TCP' }, { number: 443, protocol: 'TLS' }),
});
const mode = fc.constantFrom<PeerMode>('PERMISSIVE', 'STRICT', 'DISABLE');
const ingress = fc.record({ port: fc.constantFrom({ number: 80 }, { number: 8080 }), bind: fc.constantFrom('', '127.0.0.1') });

const put = <T extends Row>(into: keyof Bed['inputs'], keyOf: (row: T) => string, rows: fc.Arbitrary<T>): fc.Arbitrary<Step> =>
  fc.tuple(rows, fc.nat(4)).map(([row, chance]) => ({ into, key: keyOf(row), row: chance > 0 ? row : undefined }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: put(
      'services',
      (row) => row.key,
      fc
        .tuple(
          namespace,
          host,
          fc.record({
            createdAt: age,
            exportTo: visibility,
            ports: portList,
            registry: fc.constantFrom('external', 'external', 'kubernetes'),
            resolution: fc.constantFrom('dns', 'static', 'none'),
            entry: fc.constantFrom('one', 'two'),
          }),
          fc.option(labels, { nil: undefined }),
        )
        .map(([ns, name, more, selector]) => aService(ns, name, selector === undefined ? more : { ...more, selector })),
    ),
    weight: 4,
  },
  {
    arbitrary: put(
      'rules',
      (row) => row.key,
      fc
        .tuple(
          namespace,
          host,
          fc.record({ createdAt: age, exportTo: visibility, name: fc.constantFrom('r', 's') }),
          fc.option(labels, { nil: undefined }),
        )
        .map(([ns, name, more, selector]) => aRule(ns, name, selector === undefined ? more : { name: more.name, selector })),
    ),
    weight: 3,
  },
  {
    arbitrary: put(
      'routings',
      (row) => idOf(row.key),
      fc
        .tuple(
          namespace,
          fc.array(host, { minLength: 1, maxLength: 2 }),
          fc.record({
            createdAt: age,
            exportTo: visibility,
            gateways: fc.constantFrom(['mesh'], ['pay/gw']),
            spec: fc.constantFrom(routeTo('a.example:80'), routeTo('b.example', 'c.b.example:443'), {
              http: [{ match: [{ sourceLabels: { app: 'web' } }] }],
            }),
          }),
        )
        .map(([ns, names, more]) => aRouting(ns, 'v', names, more)),
    ),
    weight: 2,
  },
  {
    arbitrary: put(
      'sidecars',
      (row) => idOf(row.key),
      fc
        .tuple(
          namespace,
          fc.constantFrom('d', 'e'),
          age,
          fc.array(egress, { maxLength: 2 }),
          fc.option(labels, { nil: undefined }),
          fc.array(ingress, { maxLength: 1 }),
        )
        .map(([ns, name, createdAt, listeners, selected, inside]) => {
          const selector = selected && { workloadSelector: { labels: selected } };
          return aSidecar(ns, name, { egress: listeners, ingress: inside, ...selector }, createdAt);
        }),
    ),
    weight: 3,
  },
  {
    arbitrary: put(
      'proxies',
      (row) => row.id,
      fc
        .tuple(
          namespace,
          fc.constantFrom('sidecar', 'sidecar', 'router'),
          labels,
          fc.constantFrom('10.0.0.1', '10.0.0.2'),
          fc.constantFrom('', 'r/z'),
        )
        .map(([ns, type, own, ip, locality]) => aProxy({ namespace: ns, type, labels: own, ips: [ip], locality })),
    ),
    weight: 3,
  },
  {
    arbitrary: put(
      'peers',
      (row) => row.namespace,
      fc
        .tuple(namespace, fc.option(mode, { nil: undefined }), fc.option(fc.tuple(labels, mode), { nil: undefined }))
        .map(([ns, general, selected]): PeerPolicies => {
          const key = { kind: 'PeerAuthentication', namespace: ns, name: 'p' };
          const own = selected && { key, selector: selected[0], ports: { 80: selected[1], 81: 'UNSET' as const } };
          return {
            namespace: ns,
            ...(general !== undefined && { general: { key, selector: {}, mode: general, ports: {} } }),
            selected: own === undefined ? [] : [own],
          };
        }),
    ),
    weight: 2,
  },
  {
    arbitrary: put(
      'authorizations',
      (row) => idOf(row.key),
      fc.tuple(namespace, fc.constantFrom('p', 'q'), labels, fc.boolean(), fc.constantFrom('ALLOW', 'DENY')).map(
        ([ns, name, selector, everywhere, effect]): Authorization => ({
          key: { kind: 'AuthorizationPolicy', namespace: ns, name },
          effect,
          everywhere,
          selector,
          dryRun: false,
          rules: [{}],
        }),
      ),
    ),
    weight: 1,
  },
  {
    arbitrary: put(
      'workloads',
      (row) => idOf(row.key),
      fc
        .tuple(fc.constantFrom('Pod', 'WorkloadEntry'), namespace, labels, fc.constantFrom('10.0.0.1', '10.0.0.2'))
        .map(([kind, ns, own, ip]): PlacedWorkload => {
          const key = { kind, namespace: ns, name: 'w' };
          return { key, namespace: ns, labels: own, addresses: [ip], ports: { p80: 8080 } };
        }),
    ),
    weight: 1,
  },
  {
    arbitrary: put(
      'pools',
      poolKey,
      fc.tuple(namespace, host, fc.subarray(['10.0.0.1', '10.0.0.2', '10.9.9.9'])).map(([ns, name, ips]) => {
        const pool = aPool(ns, name, ...ips);
        const from = { kind: 'ServiceEntry', namespace: ns, name: 'one' };
        return { ...pool, endpoints: pool.endpoints.map((endpoint) => ({ ...endpoint, from })) };
      }),
    ),
    weight: 1,
  },
  {
    arbitrary: fc
      .record({ rootNamespace: fc.constantFrom('istio-system', 'pay'), enableTracing: fc.boolean() })
      .map((more): Step => ({ into: 'mesh', key: MESH, row: aMesh(more) })),
    weight: 1,
  },
);
const commit = fc.array(step, { minLength: 1, maxLength: 6, size: 'max' });

function apply(bed: Bed, steps: readonly Step[]): void {
  bed.graph.commit((tx) => {
    for (const { into, key, row } of steps) tx.set(bed.inputs[into] as Input<Row>, key, row);
  });
}

/** Every output row, as text that does not depend on the order of rows. */
function state({ outputs, graph }: Bed): unknown {
  const { issues, ...tables } = outputs;
  const rows = (of: { entries(): Iterable<[string, unknown]> }) => [...of.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, rows(table)])),
    issues: issues.map(rows),
    failures: rows(graph.failures),
  };
}

function fresh(steps: readonly Step[]): Bed {
  const bed = makeBed();
  const last = new Map(steps.map((s) => [`${s.into} ${s.key}`, s]));
  apply(bed, [...last.values()]);
  return bed;
}

const start: Step = { into: 'mesh', key: MESH, row: aMesh() satisfies MeshConfig };
const runs = (numRuns: number) => ({ numRuns, endOnFailure: true });

test('after any history the rows are those of a fresh build', () => {
  fc.assert(
    fc.property(fc.array(commit, { minLength: 1, maxLength: 14, size: 'max' }), (commits) => {
      const bed = makeBed();
      const done: Step[] = [start];
      apply(bed, done);
      for (const steps of commits) {
        done.push(...steps);
        apply(bed, steps);
        assert.deepEqual(state(bed), state(fresh(done)));
      }
      assert.equal(bed.graph.failures.size, 0);
    }),
    runs(250),
  );
});

/** The scope list by brute force: every host for every class, from all rules and VirtualServices, without any index. */
function slowTwin({ inputs, outputs }: Bed): readonly (readonly [string, unknown])[] {
  const rowsOf = <V>(of: { entries(): Iterable<[string, V]> }) => [...of.entries()].map(([, row]) => row);
  const root = inputs.mesh.get(MESH)?.rootNamespace ?? '';
  const wildcards = rowsOf(inputs.rules).map(headOfRule);
  const routings = [...inputs.routings.entries()].flatMap(([key, row]) => headOfRouting(row, key) ?? []);
  const byHost = Map.groupBy(rowsOf(inputs.services).sort(byServiceAge), (service) => service.host);
  const rows = rowsOf(outputs.classes).flatMap((proxyClass) => {
    const scope = outputs.scopes.get(proxyClass.id);
    if (scope === undefined) return [];
    const imports = importsOf(importerOf(proxyClass, scope), scope.egress);
    return [...byHost].flatMap(([name, services]) => {
      const view = fullView({ host: name, services, rules: [], routings }, imports, { root, wildcards });
      return view === undefined ? [] : [scopedRow(view, proxyClass.id, proxyClass.labels)];
    });
  });
  return rows.map((row) => [scopedKey(row), row] as const).sort(([a], [b]) => (a < b ? -1 : 1));
}

test('the indexes find all that a search through everything finds', () => {
  let rows = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
      const bed = fresh([start, ...steps]);
      rows += bed.outputs.scoped.size;
      const found = [...bed.outputs.scoped.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(found, slowTwin(bed));
    }),
    runs(300),
  );
  assert.ok(rows > 1_000, `only ${rows} rows were compared`);
});

test('whoever imports a host or a VirtualService stands where it looks', () => {
  const anyHost = fc.oneof(host, fc.constantFrom('*', '*.b.example', '*-a.example', '*a.example', 'example', 'y.x-a.example'));
  fc.assert(
    fc.property(
      fc.array(egress, { minLength: 1, maxLength: 3 }),
      namespace,
      fc.array(anyHost, { minLength: 1, maxLength: 2 }),
      (listeners, of, names) => {
        const imports = importsOf({ id: 'i', role: 'sidecar', namespace: 'shop' }, listeners);
        const stands = new Set(importPlaces(imports));
        const looks = (places: Iterable<string>) => [...places].some((place) => stands.has(place));
        for (const listener of imports.egress) {
          for (const name of names) if (importsHost(listener, of, name)) assert.ok(looks(placesOfHost(name, [of])), name);
          if (importsRouting(listener, of, names)) assert.ok(looks(placesOfRouting(of, names)), names.join());
        }
      },
    ),
    runs(2_000),
  );
});

test('without tracked reads that property fails, so it has teeth', () => {
  assert.throws(() =>
    fc.assert(
      fc.property(fc.array(commit, { minLength: 2, maxLength: 14, size: 'max' }), (commits) => {
        const bed = makeBed({ tracking: false });
        for (const steps of [[start], ...commits]) apply(bed, steps);
        assert.deepEqual(state(bed), state(fresh([start, ...commits.flat()])));
      }),
      runs(100),
    ),
  );
});

test('the order in which rows arrive means nothing', () => {
  const rows = fc.uniqueArray(
    step.filter(({ row, into }) => row !== undefined && into !== 'mesh'),
    {
      selector: ({ into, key }) => `${into} ${key}`,
      minLength: 4,
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(
      rows.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => {
        const one = makeBed();
        for (const s of [start, ...list]) apply(one, [s]);
        const other = makeBed();
        for (const s of [...shuffled, start]) apply(other, [s]);
        assert.deepEqual(state(one), state(other));
      },
    ),
    runs(150),
  );
});

test('adding a row and taking it away changes nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 40, size: 'max' }), step, (steps, extra) => {
      const known = [start, ...steps].some(({ into, key }) => into === extra.into && key === extra.key);
      fc.pre(!known && extra.row !== undefined);
      const bed = makeBed();
      apply(bed, [start, ...steps]);
      const before = state(bed);
      apply(bed, [extra]);
      apply(bed, [{ ...extra, row: undefined }]);
      assert.deepEqual(state(bed), before);
    }),
    runs(150),
  );
});
