import type { Commit, Transaction } from '../../collection/index.ts';
import { aPool, aProxy, aRouting, aRule, aService, type Bed, fill, importing, makeBed, ports, routeTo } from './rows.ts';

export interface LoadSize {
  readonly entries: number;
  readonly proxies: number;
  /** One Sidecar a namespace that imports three namespaces; without it everybody imports everything. */
  readonly sidecars: boolean;
}

const NAMESPACES = 50;
export const namespaceOf = (i: number): string => `bench-${i % NAMESPACES}`;
export const hostOf = (i: number): string => `h${i}.ext.example.com`;

/** The reference load of spec/performance.md: entry i is in namespace i mod 50; four of the proxies of each namespace differ by zone. */
export function referenceLoad({ entries, proxies, sidecars }: LoadSize) {
  const all = Array.from({ length: entries }, (_, i) => i);
  return {
    services: all.map((i) => aService(namespaceOf(i), hostOf(i), { ports: ports(443, 80) })),
    pools: all.map((i) => aPool(namespaceOf(i), hostOf(i), `10.1.${i >> 8}.${i & 255}`)),
    routings: all.map((i) => aRouting(namespaceOf(i), `vs-${i}`, [hostOf(i)], { spec: routeTo(`${hostOf(i)}:80`) })),
    rules: all.filter((i) => [0, 5].includes(Math.floor(i / NAMESPACES) % 8)).map((i) => aRule(namespaceOf(i), hostOf(i))),
    sidecars: (sidecars ? all.slice(0, NAMESPACES) : []).map((k) =>
      importing(namespaceOf(k), './*', `${namespaceOf(k + 1)}/*`, `${namespaceOf(k + 7)}/*`, 'istio-system/*'),
    ),
    proxies: Array.from({ length: proxies }, (_, i) => loadProxy(i)),
  };
}

/** Proxy i of the load; every fiftieth shares a namespace with it and none its class. */
export function loadProxy(i: number) {
  return aProxy({ namespace: namespaceOf(i), name: `p${i}`, locality: `r/z${Math.floor(i / NAMESPACES)}` });
}

export interface LoadedBed {
  readonly bed: Bed;
  /** Commits and tells what was recomputed and how many rows of the outputs changed. */
  readonly change: (write: (tx: Transaction) => void) => { readonly recomputed: Commit['recomputed']; readonly changed: number };
}

/** A bed that holds the load, settled. */
export function loaded(size: LoadSize): LoadedBed {
  const bed = makeBed();
  const { visible, scoped, imported } = bed.outputs;
  let last = { recomputed: new Map<string, number>() as Commit['recomputed'], changed: 0 };
  bed.graph.onCommit((commit) => {
    const changed = commit.diff(visible).size + commit.diff(scoped).size + commit.diff(imported).size;
    last = { recomputed: commit.recomputed, changed };
  });
  const change = (write: (tx: Transaction) => void) => {
    bed.graph.commit(write);
    return last;
  };
  change((tx) => fill(bed, tx, referenceLoad(size)));
  return { bed, change };
}
