import type { ProxyNode } from 'sallyport/model/index.ts';
import { proxyOfJson } from 'sallyport/pipeline/proxies.ts';
import { addEntry, changeableLoad, otherEndpoint, otherPort, removeEntry, type Step, sameAgain } from './changes.ts';
import { columns } from './columns.ts';
import { NAMESPACES, namespaceOf } from './load.ts';
import { createSubject, type Subject, sum, type Work } from './subject.ts';

export interface EngineOptions {
  readonly entries: number;
  readonly classes: number;
  /** How often each change is made; the median counts. */
  readonly rounds: number;
}

export interface EngineResult {
  readonly change: string;
  /** Milliseconds from the document's arrival to the settled graph. */
  readonly median: number;
  readonly work: Work;
}

/** What each kind of change costs on the whole pipeline, from text to encoded resources (style.md 3.5), without a network. */
export async function measureEngine({ entries, classes, rounds }: EngineOptions): Promise<EngineResult[]> {
  const results: EngineResult[] = [];
  const files = changeableLoad({ entries, sidecars: true });
  const start = performance.now();
  const subject = await createSubject(files);
  connect(subject, proxies(classes));
  results.push({ change: 'build everything from nothing', median: performance.now() - start, work: subject.takeWork() });

  const measure = (change: string, run: (n: number) => void, undo: (n: number) => void = () => {}): EngineResult => {
    const times: number[] = [];
    let work: Work | undefined;
    for (let n = 0; n < rounds; n += 1) {
      subject.takeWork();
      const begin = performance.now();
      run(n);
      times.push(performance.now() - begin);
      work = subject.takeWork();
      undo(n);
    }
    return { change, median: medianOf(times), work: work as Work };
  };
  const apply = (step: Step): void => applyStep(subject, step);
  results.push(measure('endpoints of one entry', (n) => apply(otherEndpoint(n))));
  apply(sameAgain());
  results.push(measure('port of one entry', (n) => apply(otherPort(n))));
  apply(sameAgain());
  results.push(
    measure(
      'add an entry',
      () => apply(addEntry()),
      () => apply(removeEntry()),
    ),
  );
  apply(addEntry());
  results.push(
    measure(
      'remove an entry',
      () => apply(removeEntry()),
      () => apply(addEntry()),
    ),
  );
  apply(removeEntry());
  results.push(measure('save the same text again', () => receiveSame(subject)));
  const [first] = proxies(1);
  if (first === undefined) return results;
  const newcomer = { ...first, id: `${first.id}-new`, dnsDomain: 'elsewhere.example' };
  results.push(
    measure(
      'a new proxy class appears',
      () => connect(subject, [newcomer]),
      () => disconnect(subject, newcomer),
    ),
  );
  connect(subject, [newcomer]);
  results.push(
    measure(
      'its last proxy leaves',
      () => disconnect(subject, newcomer),
      () => connect(subject, [newcomer]),
    ),
  );
  subject.stop();
  return results;
}

/** Proxies that are all of different classes: several in one namespace differ in their DNS domain. */
export function proxies(count: number): ProxyNode[] {
  return Array.from({ length: count }, (_, i) => {
    const dnsDomain = `${namespaceOf(i)}.svc.cluster-${Math.floor(i / NAMESPACES)}.local`;
    const ip = `10.0.${Math.floor(i / 250)}.${(i % 250) + 1}`;
    const { value } = proxyOfJson({ namespace: namespaceOf(i), name: `p${i}`, ips: [ip], dnsDomain });
    if (value === undefined) throw new Error('the bench describes a proxy that cannot be');
    return value;
  });
}

export function connect({ pipeline: { graph, inputs } }: Subject, nodes: readonly ProxyNode[]): void {
  graph.commit((tx) => {
    for (const node of nodes) tx.set(inputs.proxies, node.id, node);
  });
}

export function disconnect({ pipeline: { graph, inputs } }: Subject, node: ProxyNode): void {
  graph.commit((tx) => tx.set(inputs.proxies, node.id, undefined));
}

export function applyStep({ source }: Subject, step: Step): void {
  if ('put' in step) source.put(step.put.path, step.put.text);
  else source.remove(step.remove);
}

/** The text that is there already, past the source that would notice it. */
export function receiveSame({ configuration }: Subject): void {
  configuration.receive({ source: 'bench', put: [sameAgain().put], remove: [], synced: true, issues: [] });
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

/** Rows computed and rows changed, by family of tables: what stands before the first dot or blank. */
export function byFamily({ recomputed, changed }: Work): Map<string, { computed: number; changed: number }> {
  const families = new Map<string, { computed: number; changed: number }>();
  for (const name of new Set([...Object.keys(recomputed), ...Object.keys(changed)])) {
    const family = familyOf(name);
    const before = families.get(family) ?? { computed: 0, changed: 0 };
    const more = { computed: recomputed[name] ?? 0, changed: changed[name] ?? 0 };
    families.set(family, { computed: before.computed + more.computed, changed: before.changed + more.changed });
  }
  return families;
}

function familyOf(table: string): string {
  if (table.includes('.')) return table.slice(0, table.indexOf('.'));
  return table.startsWith('listener') || table.startsWith('l4') || table.startsWith('http chain') ? 'listeners' : 'routes';
}

export function engineText(results: readonly EngineResult[]): string {
  const lines = [['change', 'median ms', 'rows computed', 'rows changed', 'encoded', 'by family (computed/changed)']];
  for (const { change, median, work } of results) {
    const families = [...byFamily(work)].map(([name, rows]) => `${name} ${rows.computed}/${rows.changed}`);
    const encoded = Object.entries(work.encoded).map(([type, count]) => `${count} ${type}`);
    lines.push([
      change,
      median.toFixed(median < 10 ? 2 : 0),
      String(sum(work.recomputed)),
      String(sum(work.changed)),
      encoded.join(', ') || '0',
      families.join(', '),
    ]);
  }
  return columns(lines);
}
