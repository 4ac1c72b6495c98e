import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { JsonValue } from '@bufbuild/protobuf';
import type { Expectation } from '../compare.ts';

/** A call with its measured outcome (conformance/README.md section 4). */
export interface CallVector {
  readonly call: unknown;
  readonly expect: Expectation;
  readonly alternatives?: readonly Expectation[];
}

/** All resources istiod made for a run, and the calls measured on that run. */
export interface MeasuredRun {
  readonly name: string;
  readonly resources: Readonly<Record<'listeners' | 'clusters' | 'routes' | 'endpoints', readonly JsonValue[]>>;
  readonly calls: readonly CallVector[];
}

interface Dump {
  readonly scenario: string;
  readonly run: number;
}
interface ScenarioFile {
  readonly scenarios: readonly { readonly name: string; readonly runs: readonly { readonly calls: readonly CallVector[] }[] }[];
}

/** The measured runs, or a sentence that says why there are none. */
export function measuredRuns(): readonly MeasuredRun[] | string {
  const dir = process.env['CONFORMANCE_DIR'] ?? resolve(import.meta.dirname, '../../../../../../shared/conformance');
  if (!existsSync(dir)) return 'the conformance vectors are not there: put them beside the project or set CONFORMANCE_DIR';
  const scenarios = read<ScenarioFile>(join(dir, 'scenarios')).flatMap((file) => file.scenarios);
  const runs = new Map<string, readonly CallVector[]>(
    scenarios.flatMap(({ name, runs }) => runs.map((run, i) => [`${name} ${i}`, run.calls])),
  );
  return read<Dump & MeasuredRun['resources']>(join(dir, 'dumps')).map(
    ({ scenario, run, listeners, clusters, routes, endpoints }) => {
      const name = `${scenario} ${run}`;
      const calls = runs.get(name);
      if (calls === undefined) throw new Error(`the dump ${name} belongs to no run of a scenario`);
      return { name, resources: { listeners, clusters, routes, endpoints }, calls };
    },
  );
}

function read<T>(folder: string): T[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') || name.endsWith('.json.gz'))
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as T;
    });
}
