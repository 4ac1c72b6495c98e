import { createGraph, type Input } from 'sallyport/collection/index.ts';
import { actedOnKinds, createConfigStore } from 'sallyport/config/index.ts';
import type { ConfigObject, Kind, ProxyNode } from 'sallyport/model/index.ts';
import { buildTranslate, type TranslateSettings } from 'sallyport/translate/index.ts';
import { columns } from './columns.ts';
import { addedService, changedEndpoint, changedService, type GlooLoadOptions, glooFiles } from './gloo-load.ts';
import type { LoadFile } from './load.ts';
import { createSubject, type Subject, sum, type Work } from './subject.ts';

export interface GlooResult {
  readonly change: string;
  /** Milliseconds from the document's arrival to the settled graph. */
  readonly median: number;
  /** Rows that the translation computed, and all others. */
  readonly translated: number;
  readonly others: number;
  /** Istio objects that are new, different or gone. */
  readonly objects: number;
}

/**
 * What Gloo configuration costs: all of it from text to services, and one change. No proxy is connected: what comes after the
 * translation is the same as for objects written by hand, and `engine` measures that.
 */
export async function measureGloo(options: GlooLoadOptions & { readonly rounds: number }): Promise<readonly GlooResult[]> {
  const { services, workspaces, rounds } = options;
  const alone = translationOf(options);
  const start = performance.now();
  const subject = await createSubject(glooFiles(options));
  const results = [alone, resultOf('everything, from text to services', performance.now() - start, subject.takeWork())];
  const measure = (change: string, run: (n: number) => void, undo: () => void): void => {
    const times: number[] = [];
    let work: Work | undefined;
    for (let n = 0; n < rounds; n += 1) {
      subject.takeWork();
      const begin = performance.now();
      run(n);
      times.push(performance.now() - begin);
      work = subject.takeWork();
      undo();
    }
    results.push(resultOf(change, times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0, work!));
  };
  measure(
    'port of one ExternalService',
    () => put(subject, changedService(workspaces, 8080)),
    () => put(subject, changedService(workspaces)),
  );
  measure(
    'address of one ExternalEndpoint',
    () => put(subject, changedEndpoint(workspaces, 2)),
    () => put(subject, changedEndpoint(workspaces)),
  );
  const added = addedService(services, workspaces);
  measure(
    'add an ExternalService',
    () => put(subject, added),
    () => subject.source.remove(added.path),
  );
  put(subject, added);
  measure(
    'remove an ExternalService',
    () => subject.source.remove(added.path),
    () => put(subject, added),
  );
  subject.stop();
  return results;
}

/** The translation of everything, without what comes before (reading, checking) and after it. */
function translationOf(options: GlooLoadOptions): GlooResult {
  const store = createConfigStore();
  store.apply({ source: 'bench', put: glooFiles(options), remove: [], synced: true, issues: [] });
  const graph = createGraph();
  const inputs = new Map(actedOnKinds.map((kind) => [kind, graph.input<ConfigObject>(`objects.${kind}`)]));
  const of = <S>(kind: Kind) => inputs.get(kind) as Input<ConfigObject<S>>;
  const settings = graph.input<TranslateSettings>('settings');
  const { translated } = buildTranslate(graph, {
    gloo: of,
    written: of,
    workloadEntries: of('WorkloadEntry'),
    namespaces: of('Namespace'),
    services: of('Service'),
    pods: of('Pod'),
    proxies: graph.input<ProxyNode>('proxies'),
    acceptedRoutes: graph.input('acceptedRoutes'),
    settings,
  });
  let rows = 0;
  graph.onCommit(({ recomputed }) => {
    rows += sum(Object.fromEntries(recomputed));
  });
  const start = performance.now();
  graph.commit((tx) => {
    tx.set(settings, 'settings', STANDALONE);
    for (const [id, object] of store.objects) tx.set(of(object.key.kind), id, object);
  });
  const median = performance.now() - start;
  return { change: 'translation of everything, alone', median, translated: rows, others: 0, objects: translated.size };
}

const STANDALONE: TranslateSettings = {
  cluster: 'mgmt-cluster',
  vipClusterName: '',
  rootNamespace: 'istio-system',
  clusterDomain: 'cluster.local',
  v1Profile: 'v1.1',
};

function put({ source }: Subject, { path, text }: LoadFile): void {
  source.put(path, text);
}

function resultOf(change: string, median: number, { recomputed, changed }: Work): GlooResult {
  const translated = sum(Object.fromEntries(Object.entries(recomputed).filter(([table]) => table.startsWith('translate.'))));
  return { change, median, translated, others: sum(recomputed) - translated, objects: changed['translate.translated'] ?? 0 };
}

export function glooText(results: readonly GlooResult[]): string {
  const head = ['change', 'median', 'rows translated', 'other rows', 'Istio objects'];
  const lines = results.map(({ change, median, translated, others, objects }) => [
    change,
    `${median.toFixed(median < 10 ? 2 : 0)} ms`,
    ...[translated, others, objects].map(String),
  ]);
  return columns([head, ...lines]);
}
