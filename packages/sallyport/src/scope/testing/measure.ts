// Times of what the rows of work.test.ts count: node --expose-gc measure.ts [entries] [proxies] [everything]
import type { Transaction } from '../../collection/index.ts';
import { hostOf, loaded, loadProxy, namespaceOf } from './load.ts';
import { aPool, aProxy, aRouting, aRule, aService, idOf, ports, routeTo } from './rows.ts';

declare const gc: (() => void) | undefined;

const [entries = '10000', proxies = '200', everything] = process.argv.slice(2);
const size = { entries: Number(entries), proxies: Number(proxies), sidecars: everything === undefined };
const heap = () => {
  gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};
const before = heap();
const start = performance.now();
const { bed, change } = loaded(size);
const { classes, visible, scoped, imported } = bed.outputs;
console.log(`build ${(performance.now() - start).toFixed(0)} ms, heap ${(heap() - before).toFixed(0)} MiB with inputs`);
console.log({ classes: classes.size, visible: visible.size, scoped: scoped.size, imported: imported.size });

function measure(name: string, ...writes: ((tx: Transaction) => void)[]): void {
  for (const [i, write] of writes.entries()) {
    const from = performance.now();
    const { recomputed, changed } = change(write);
    const ms = (performance.now() - from).toFixed(2).padStart(8);
    const rows = [...recomputed].map(([of, count]) => `${of.replace('scope.', '')} ${count}`).join(', ');
    console.log(
      `${(i === 0 ? name : '  and back').padEnd(28)} ${ms} ms, ${String(changed).padStart(6)} rows changed; computed ${rows || 'nothing'}`,
    );
  }
}

const { services, rules, routings, pools, proxies: nodes } = bed.inputs;
const entry = aService(namespaceOf(0), 'new.ext.example.com', { ports: ports(443, 80) });
for (let round = 0; round < 3; round++)
  measure(
    'a new entry',
    (tx) => tx.set(services, entry.key, entry),
    (tx) => tx.set(services, entry.key, undefined),
  );
const first = aService(namespaceOf(0), hostOf(0), { ports: ports(443, 8080) });
measure('a port of an entry', (tx) => tx.set(services, first.key, first));
measure('an endpoint', (tx) => tx.set(pools, `${namespaceOf(0)}/${hostOf(0)}`, aPool(namespaceOf(0), hostOf(0), '10.9.9.9')));
const routing = aRouting(namespaceOf(0), 'vs-0', [hostOf(0)], {
  spec: { http: [{ ...routeTo(`${hostOf(0)}:80`).http?.[0], timeout: '7s' }] },
});
measure('a VirtualService timeout', (tx) => tx.set(routings, idOf(routing.key), routing));
const wide = (namespace: string) => aRule(namespace, '*.example.com', { name: 'wide' });
measure('a wildcard rule', (tx) => tx.set(rules, wide(namespaceOf(0)).key, wide(namespaceOf(0))));
measure('a wildcard rule for all', (tx) => tx.set(rules, wide('istio-system').key, wide('istio-system')));
const same = { ...loadProxy(0), id: 'another' };
measure(
  'a proxy of a present class',
  (tx) => tx.set(nodes, same.id, same),
  (tx) => tx.set(nodes, same.id, undefined),
);
const zone = aProxy({ namespace: namespaceOf(0), name: 'zone', locality: 'r/new' });
measure(
  'a class of a known importer',
  (tx) => tx.set(nodes, zone.id, zone),
  (tx) => tx.set(nodes, zone.id, undefined),
);
const stranger = aProxy({ namespace: 'elsewhere', name: 'stranger' });
measure(
  'an importer of everything',
  (tx) => tx.set(nodes, stranger.id, stranger),
  (tx) => tx.set(nodes, stranger.id, undefined),
);
