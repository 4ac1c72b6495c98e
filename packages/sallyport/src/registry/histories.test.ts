import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Collection } from '../collection/index.ts';
import type { ConfigObject } from '../model/index.ts';
import type { RegistryOutputs } from './index.ts';
import { rowsOf, type TestRegistry, testRegistry } from './testing/registry.ts';

// Few names, so that objects meet: hosts collide, selectors find, delegates and references come and go.
const namespace = fc.constantFrom('a', 'b');
const host = fc.constantFrom('one.example', 'two.example', 'One.example', '*.example', 'web', 'web.a.svc.cluster.local');
const app = fc.constantFrom('x', 'z');
const labels = fc.record({ app }, { requiredKeys: [] });
const exportTo = fc.constantFrom(undefined, ['.'], ['*'], ['a', 'b'], ['~']);
const ports = fc.constantFrom(
  [{ number: 80, name: 'http', protocol: 'HTTP' }],
  [
    { number: 443, name: 'tls', protocol: 'TLS', targetPort: 8443 },
    { number: 80, name: 'web' },
  ],
  [{ number: 80, name: 'tcp', protocol: 'TCP' }],
);
const address = fc.constantFrom('10.0.0.1', '10.0.0.2', 'vm.example', 'unix:///run/x');

const specs: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  ServiceEntry: fc.record(
    {
      hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 2 }),
      ports,
      resolution: fc.constantFrom('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'),
      addresses: fc.constantFrom(['10.9.0.1'], ['10.9.0.1', '10.9.0.0/24']),
      endpoints: fc.array(fc.record({ address, labels }), { maxLength: 2 }),
      workloadSelector: fc.record({ labels }),
      exportTo,
    },
    { requiredKeys: ['hosts', 'ports'] },
  ),
  WorkloadEntry: fc.record({ address, labels, ports: fc.constant({ http: 9080 }) }, { requiredKeys: ['address'] }),
  Pod: fc.record({ serviceAccountName: fc.constant('sa') }),
  Service: fc.record(
    {
      clusterIP: fc.constantFrom('10.96.0.1', 'None'),
      selector: labels,
      ports: fc.constant([{ name: 'http', port: 80, targetPort: 8080 }]),
    },
    { requiredKeys: ['ports'] },
  ),
  EndpointSlice: fc.record({
    endpoints: fc.array(
      fc.record(
        { addresses: fc.constantFrom(['10.0.0.1'], ['10.0.0.2']), targetRef: fc.constant({ kind: 'Pod', name: 'web' }) },
        { requiredKeys: ['addresses'] },
      ),
      { maxLength: 2 },
    ),
    ports: fc.constant([{ name: 'http', port: 8080 }]),
  }),
  DestinationRule: fc.record(
    {
      host,
      subsets: fc.constantFrom([{ name: 'v1' }], [{ name: 'v1' }, { name: 'v2' }]),
      trafficPolicy: fc.constant({ tls: { mode: 'SIMPLE' } }),
      workloadSelector: fc.record({ matchLabels: labels }),
      exportTo,
    },
    { requiredKeys: ['host'] },
  ),
  VirtualService: fc.record(
    {
      hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 2 }),
      http: fc.array(
        fc.oneof(
          fc.record({ delegate: fc.record({ name: fc.constantFrom('web', 'old'), namespace }) }),
          fc.record(
            {
              route: fc.tuple(fc.record({ destination: fc.record({ host, subset: fc.constantFrom('v1', 'v3') }) })),
              match: fc.constantFrom([{ uri: { prefix: '/' } }], [{ uri: { prefix: '/a' } }]),
            },
            { requiredKeys: ['route'] },
          ),
        ),
        { maxLength: 2 },
      ),
      exportTo,
    },
    { requiredKeys: ['http'] },
  ),
  ConfigMap: fc.record({
    data: fc.record({ mesh: fc.constantFrom('', 'trustDomain: other', 'defaultServiceExportTo: [.]', 'connectTimeout: soon') }),
  }),
  Namespace: fc.constant({}),
};

const change: fc.Arbitrary<{ readonly object: ConfigObject; readonly remove: boolean }> = fc
  .constantFrom(...Object.keys(specs))
  .chain((kind) =>
    fc.record({
      remove: fc.boolean(),
      object: fc
        .record({
          namespace,
          name: fc.constantFrom('web', 'old'),
          age: fc.nat(2),
          labels,
          spec: specs[kind]!,
          ready: fc.boolean(),
        })
        .map(({ namespace: of, name, age, spec, ready, ...rest }) => objectOf(kind, of, name, age, rest.labels, spec, ready)),
    }),
  );

function objectOf(
  kind: string,
  namespaceName: string,
  name: string,
  age: number,
  given: Record<string, string>,
  spec: unknown,
  ready: boolean,
): ConfigObject {
  const key =
    kind === 'ConfigMap'
      ? { kind, namespace: 'istio-system', name: 'istio' }
      : { kind, namespace: kind === 'Namespace' ? '' : namespaceName, name: kind === 'Namespace' ? namespaceName : name };
  return {
    key,
    apiVersion: 'v1',
    labels: kind === 'EndpointSlice' ? { 'kubernetes.io/service-name': 'web' } : given,
    annotations: {},
    createdAt: age,
    spec,
    ...(kind === 'Pod' && {
      status: { podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    }),
    origin: { source: 'test', path: '-', line: 1, column: 1 },
  };
}

function everything(outputs: RegistryOutputs): unknown {
  const { issues, ...tables } = outputs;
  const named = [...Object.entries(tables), ...issues.map((table) => [table.name, table] as const)];
  return Object.fromEntries(named.map(([name, table]) => [name, rowsOf(table as Collection<unknown>)]));
}

function write(registry: TestRegistry, changes: readonly { readonly object: ConfigObject; readonly remove: boolean }[]) {
  for (const { object, remove } of changes) {
    if (remove) registry.remove(object);
    else registry.set(object);
  }
}

function survivors(changes: readonly { readonly object: ConfigObject; readonly remove: boolean }[]): readonly ConfigObject[] {
  const last = new Map<string, ConfigObject>();
  for (const { object, remove } of changes) {
    const id = JSON.stringify(object.key);
    if (remove) last.delete(id);
    else last.set(id, object);
  }
  return [...last.values()];
}

for (const vip of ['status', 'legacy'] as const)
  test(`whatever happened before, the registry says what the objects that are left say (vip ${vip})`, () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const grown = testRegistry({ vip });
        write(grown, changes);
        const fresh = testRegistry({ vip });
        fresh.set(...survivors(changes));
        assert.deepEqual(rowsOf(grown.graph.failures), []);
        assert.deepEqual(everything(grown.outputs), everything(fresh.outputs));
      }),
      { numRuns: 150 },
    );
  });

test('the order in which objects arrive does not matter', () => {
  const shuffled = fc
    .uniqueArray(change, { maxLength: 30, selector: ({ object }) => JSON.stringify(object.key) })
    .chain((changes) => fc.tuple(fc.constant(changes), fc.shuffledSubarray(changes, { minLength: changes.length })));
  fc.assert(
    fc.property(shuffled, ([one, other]) => {
      const [a, b] = [testRegistry(), testRegistry()];
      a.set(...one.map(({ object }) => object));
      for (const { object } of other) b.set(object);
      assert.deepEqual(everything(a.outputs), everything(b.outputs));
    }),
    { numRuns: 150 },
  );
});

test('the property has teeth: without tracking of reads it fails', () => {
  const changes = fc.array(change, { minLength: 10, maxLength: 40 });
  const blind = fc.property(changes, (history) => {
    const grown = testRegistry({}, { tracking: false });
    write(grown, history);
    const fresh = testRegistry();
    fresh.set(...survivors(history));
    assert.deepEqual(everything(grown.outputs), everything(fresh.outputs));
  });
  assert.equal(fc.check(blind, { numRuns: 50 }).failed, true);
});
