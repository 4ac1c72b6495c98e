import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SidecarEgress, Visibility } from '../model/index.ts';
import { fullView, type HostFacts, plainView } from './host-view.ts';
import { type Imports, importsOf } from './imports.ts';
import { headOfRouting } from './routing-import.ts';
import { headOfRule } from './rule-choice.ts';
import { aRouting, aRule, aService, idOf, NOBODY, PUBLIC, ports, routeTo, to } from './testing/rows.ts';

const HOST = 'a.example';
const namespace = fc.constantFrom('shop', 'pay', 'istio-system');
const visibility = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Visibility>(PUBLIC) },
  { weight: 1, arbitrary: fc.constantFrom<Visibility>(NOBODY, to('shop', 'pay')) },
);
const service = fc.record({ namespace, exportTo: visibility, ports: fc.constantFrom(ports(80, 443), ports(443)) });
const services = fc
  .oneof({ weight: 5, arbitrary: fc.tuple(service) }, { weight: 1, arbitrary: fc.tuple(service, service) })
  .map((all) => all.map(({ namespace: at, ...more }, i) => aService(at, HOST, { ...more, entry: `e${i}`, createdAt: i })));
const selector = fc.constantFrom(undefined, undefined, undefined, undefined, { app: 'web' });
const rule = fc
  .record({ namespace, host: fc.constantFrom(HOST, HOST, '*.example'), selector, exportTo: visibility })
  .map(({ namespace: at, host, selector: labels, exportTo }) =>
    headOfRule(aRule(at, host, { exportTo, ...(labels && { selector: labels }) })),
  );
const routing = fc
  .record({
    namespace,
    hosts: fc.constantFrom([HOST], ['b.example']),
    port: fc.constantFrom('', ':80', ':443'),
    exportTo: visibility,
  })
  .map(({ namespace: at, hosts, port, exportTo }) => {
    const made = aRouting(at, `vs-${hosts[0]}${port}`, hosts, { exportTo, spec: routeTo(`${HOST}${port}`) });
    return headOfRouting(made, idOf(made.key))!;
  });
const facts: fc.Arbitrary<HostFacts> = fc.record({
  host: fc.constant(HOST),
  services,
  rules: fc.array(rule, { maxLength: 2, size: 'xsmall' }),
  routings: fc.array(routing, { maxLength: 2 }),
});
const listeners = fc.constantFrom<readonly SidecarEgress[]>(
  [{ hosts: ['*/*'] }],
  [{ hosts: ['pay/a.example'] }],
  [{ hosts: ['shop/*'] }, { hosts: ['*/*'] }],
  [{ hosts: ['*/b.example'] }, { hosts: ['*/*'] }],
  [{ hosts: ['./*', 'shop/*'] }],
  [{ hosts: ['*/*'], port: { number: 443, protocol: 'TLS', name: 'p' } }, { hosts: ['*/*'] }],
  [{ hosts: ['~/a.example', '*/*'] }],
  [{ hosts: ['pay/a.example', 'shop/a.example'] }, { hosts: ['*/*'] }],
);
const imports: fc.Arbitrary<Imports> = fc
  .tuple(
    fc.constantFrom('sidecar' as const, 'sidecar' as const, 'router' as const),
    fc.oneof(namespace, fc.constant('web')),
    listeners,
  )
  .map(([role, at, egress]) => importsOf({ id: `${role} ${at}`, role, namespace: at }, egress));
const ruling = fc.record({
  root: fc.constantFrom('istio-system', 'pay'),
  wildcards: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(rule, { maxLength: 1 }) }),
});

test('the look that importers share is what each would find by itself', () => {
  let shared = 0;
  fc.assert(
    fc.property(facts, fc.array(fc.tuple(imports, ruling), { minLength: 6, maxLength: 10 }), (of, all) => {
      for (const [who, by] of all) {
        const found = plainView(of, who, by);
        if (found === undefined) continue;
        shared += 1;
        assert.deepEqual(found, fullView(of, who, by));
      }
    }),
    { numRuns: 3_000 },
  );
  assert.ok(shared > 2_000, `only ${shared} looks were shared`);
});
