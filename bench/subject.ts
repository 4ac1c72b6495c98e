import type { Commit } from 'sallyport/collection/index.ts';
import { type Configuration, createConfiguration } from 'sallyport/pipeline/configuration.ts';
import { createPipeline, type Pipeline } from 'sallyport/pipeline/index.ts';
import { createMemorySource, type MemorySource } from 'sallyport/source/index.ts';
import type { LoadFile } from './load.ts';

/** What happened since the last look: the work of all commits together. */
export interface Work {
  readonly commits: number;
  /** Rows that derivations computed, by table. */
  readonly recomputed: Readonly<Record<string, number>>;
  /** Rows that are different now, by table. */
  readonly changed: Readonly<Record<string, number>>;
  /** Resources that are new or different, by type, and their bytes. */
  readonly encoded: Readonly<Record<string, number>>;
  readonly encodedBytes: number;
}

/** The control plane under measurement: the real source, store and pipeline, and a count of what they do. */
export interface Subject {
  readonly pipeline: Pipeline;
  readonly configuration: Configuration;
  readonly source: MemorySource;
  /** The work since the last call. */
  takeWork(): Work;
  stop(): void;
}

export async function createSubject(files: readonly LoadFile[]): Promise<Subject> {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  // As `run` does it: what was there before a new file keeps its age.
  const configuration = createConfiguration(pipeline, { keepAges: true });
  const tally = new Tally(pipeline);
  pipeline.graph.onCommit((commit) => tally.add(commit));
  const source = createMemorySource('bench');
  for (const { path, text } of files) source.put(path, text);
  const stopping = new AbortController();
  void source.watch((event) => configuration.receive(event), stopping.signal);
  return { pipeline, configuration, source, takeWork: () => tally.take(), stop: () => stopping.abort() };
}

class Tally {
  readonly #pipeline: Pipeline;
  #commits = 0;
  #recomputed = new Map<string, number>();
  #changed = new Map<string, number>();
  #encoded = new Map<string, number>();
  #bytes = 0;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  add(commit: Commit): void {
    this.#commits += 1;
    for (const [table, rows] of commit.recomputed) count(this.#recomputed, table, rows);
    for (const [table, rows] of commit.changed) count(this.#changed, table, rows);
    for (const { type, resources } of this.#pipeline.envoy.tables) {
      for (const { after } of commit.diff(resources).values()) {
        if (after === undefined) continue;
        count(this.#encoded, type, 1);
        this.#bytes += after.bytes.length;
      }
    }
  }

  take(): Work {
    const work = {
      commits: this.#commits,
      recomputed: Object.fromEntries(this.#recomputed),
      changed: Object.fromEntries(this.#changed),
      encoded: Object.fromEntries(this.#encoded),
      encodedBytes: this.#bytes,
    };
    this.#commits = 0;
    this.#recomputed = new Map();
    this.#changed = new Map();
    this.#encoded = new Map();
    this.#bytes = 0;
    return work;
  }
}

function count(to: Map<string, number>, key: string, more: number): void {
  to.set(key, (to.get(key) ?? 0) + more);
}

export const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, rows) => total + rows, 0);
