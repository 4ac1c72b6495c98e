import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { memoryStore } from '../ledger/index.ts';
import { Callers } from '../ledger/testing/callers.ts';
import { keepAddresses } from './addresses.ts';
import { createConfiguration } from './configuration.ts';
import { createPipeline } from './index.ts';

const HOUR = 3_600_000;
const REST_MS = 24 * HOUR;
const SETTINGS = {
  clusterDomain: 'cluster.local',
  clusterId: 'Kubernetes',
  rootNamespace: 'istio-system',
  vip: 'ledger',
} as const;
/** Fewer addresses than hosts, so that they change hands. */
const MESH = { sallyport: { virtualAddresses: { ipv4: '243.0.0.8/30', ipv6: 'fd73::8/126', rest: '24h' } } };

interface Written {
  readonly name: string;
  readonly namespace: string;
  readonly hosts: readonly string[];
  readonly own: boolean;
}

const written: fc.Arbitrary<Written> = fc.record({
  name: fc.constantFrom('x', 'y', 'z'),
  namespace: fc.constantFrom('shop', 'bank'),
  hosts: fc.uniqueArray(fc.constantFrom(...Array.from({ length: 4 }, (_, i) => `h${i}.example`), 'H0.example'), {
    minLength: 1,
    maxLength: 3,
  }),
  own: fc.constantFrom(false, false, false, true),
});
const act = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), file: fc.nat(2), as: written }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), file: fc.nat(2) }) },
  /** The same text under another path: another age, another order. */
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), file: fc.nat(2), to: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.constantFrom(1, 12, 24) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

const textOf = ({ name, namespace, hosts, own }: Written): string => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  hosts: [${hosts.join(', ')}]
  resolution: STATIC
  endpoints: [{address: 10.0.0.1}]
  ports: [{number: 443, name: tls, protocol: TLS}]
${own ? '  addresses: [10.1.2.3]\n' : ''}`;

test('through the whole pipeline, files written, renamed and removed in any order and restarts in between, no address moves, has two hosts or is given out before its rest', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 15, maxLength: 40 }), (acts) => {
      const store = memoryStore();
      const callers = new Callers(REST_MS);
      const files = new Map<string, string>();
      const served = new Set<string>();
      let now = 1_000_000;
      let control = begin();

      function begin() {
        const pipeline = createPipeline(SETTINGS, MESH);
        const keeper = keepAddresses(pipeline, { store, now: () => now });
        const configuration = createConfiguration(pipeline, { keepAges: true });
        // What readers see after each commit, and never half of it.
        pipeline.graph.onCommit(() => look(pipeline));
        configuration.receive({
          source: 't',
          put: [...files].map(([path, text]) => ({ path, text })),
          remove: [],
          synced: true,
          issues: [],
        });
        keeper.reconcile();
        return { pipeline, configuration };
      }

      function look({ registry }: ReturnType<typeof createPipeline>): void {
        const seen = new Map<string, readonly string[]>();
        for (const [, { host, autoAddresses, addresses }] of registry.services.entries()) {
          if (addresses.length > 0) continue;
          const other = seen.get(host);
          if (other !== undefined) assert.deepEqual(autoAddresses, other, 'entries of one host share its addresses');
          seen.set(host, autoAddresses);
        }
        for (const host of served) if (!seen.has(host)) callers.leave(host, now);
        for (const [host, addresses] of seen) {
          if (addresses.length > 0) callers.use(host, addresses, now);
          served.add(host);
        }
      }

      for (const one of acts) {
        now += 1_000;
        const before = new Map(files);
        if (one.kind === 'wait') now += one.hours * HOUR;
        else if (one.kind === 'restart') control = begin();
        else if (one.kind === 'write') files.set(`${one.file}.yaml`, textOf(one.as));
        else if (one.kind === 'remove') files.delete(`${one.file}.yaml`);
        else {
          const text = files.get(`${one.file}.yaml`);
          files.delete(`${one.file}.yaml`);
          if (text !== undefined) files.set(`${one.to}.yaml`, text);
        }
        const put = [...files].filter(([path, text]) => before.get(path) !== text).map(([path, text]) => ({ path, text }));
        const remove = [...before.keys()].filter((path) => !files.has(path));
        control.configuration.receive({ source: 't', put, remove, synced: true, issues: [] });
        assert.equal(control.pipeline.graph.failures.size, 0);
      }
    }),
    { numRuns: 60 },
  );
});
