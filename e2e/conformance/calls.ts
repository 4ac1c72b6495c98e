import {
  agrees,
  callOf,
  type Expectation,
  indexResources,
  type ResourceIndex,
  resourcesFromJson,
  virtualHostsOf,
  walk,
} from 'sallyport/explain/index.ts';
import { canonicalJson } from 'sallyport/lib/json.ts';
import { type ConfigVector, openRun, type ProxyJson } from './pipeline-run.ts';
import { readVectors } from './vectors.ts';
import { partOf, type Verdict } from './verdict.ts';

interface CallVector {
  readonly call: Readonly<Record<string, unknown>>;
  readonly expect: Expectation;
  readonly alternatives?: readonly Expectation[];
}

interface ScenarioFile {
  readonly scenarios: readonly (ConfigVector & {
    readonly name: string;
    readonly runs: readonly { readonly proxy: ProxyJson; readonly calls: readonly CallVector[] }[];
  })[];
}

type SimulationItem =
  | (CallVector & { readonly kind?: undefined; readonly asserted: readonly string[] })
  | {
      readonly kind: 'virtualHosts';
      readonly routeConfig: string;
      readonly asserted: Domains<readonly string[] | null>;
      readonly expect: { readonly domains: Domains<readonly string[]> };
    };
type Domains<T> = Readonly<Record<string, T>>;

interface SimulationFile {
  readonly cases: readonly (ConfigVector & { readonly proxy: ProxyJson; readonly calls: readonly SimulationItem[] })[];
}

/** Whether a vector is wanted, by its id. Ids of a configuration end where those of its calls go on. */
export type Wanted = (id: string) => boolean;

/** Every call of `scenarios/` on resources from the real pipeline. */
export function* runScenarios(wanted: Wanted): Generator<Verdict> {
  for (const { content } of readVectors<ScenarioFile>('scenarios')) {
    for (const scenario of content.scenarios) {
      if (!wanted(`scenarios/${scenario.name}/`)) continue;
      const pipeline = openRun(scenario);
      const refused = pipeline.errors;
      for (const [run, { proxy, calls }] of scenario.runs.entries()) {
        const index = indexResources(resourcesFromJson(pipeline.generate(proxy)));
        for (const [call, vector] of calls.entries()) {
          const verdict = judgeCall(`scenarios/${scenario.name}/${run}/${call}`, index, proxy, vector);
          yield { ...verdict, refused };
        }
      }
    }
  }
}

/** Every item of `simulation/` on resources from the real pipeline. */
export function* runSimulation(wanted: Wanted): Generator<Verdict> {
  for (const { file, content } of readVectors<SimulationFile>('simulation')) {
    for (const [c, vector] of content.cases.entries()) {
      const prefix = `simulation/${file.replace(/\.json(\.gz)?$/, '')}/${c}/`;
      if (!wanted(prefix)) continue;
      const pipeline = openRun(vector);
      const index = indexResources(resourcesFromJson(pipeline.generate(vector.proxy)));
      const refused = pipeline.errors;
      for (const [i, item] of vector.calls.entries()) {
        if (item.kind === 'virtualHosts') yield { ...judgeDomains(`${prefix}${i}`, index, vector.proxy, item), refused };
        else {
          const verdict = judgeCall(`${prefix}${i}`, index, vector.proxy, item);
          const found = [...verdict.gate1, ...verdict.gate2];
          yield { ...verdict, refused, asserted: item.asserted.filter((field) => found.includes(field)) };
        }
      }
    }
  }
}

function judgeCall(id: string, index: ResourceIndex, proxy: ProxyJson, { call, expect, alternatives = [] }: CallVector): Verdict {
  const folder = id.startsWith('simulation/') ? 'simulation' : 'scenarios';
  const { value, issues } = callOf(call);
  if (value === undefined) throw new Error(`the call ${id} is refused: ${JSON.stringify(issues)}`);
  const { steps: _steps, ...actual } = walk(index, value);
  const { gate1, gate2 } = agrees(expect, alternatives, actual);
  return {
    id,
    folder,
    part: partOf(proxy, value.inbound || expect['listener'] === 'virtualInbound'),
    gate1,
    gate2,
    expected: expect,
    actual,
  };
}

function judgeDomains(
  id: string,
  index: ResourceIndex,
  proxy: ProxyJson,
  { routeConfig, asserted, expect }: Extract<SimulationItem, { kind: 'virtualHosts' }>,
): Verdict {
  const actual = virtualHostsOf(index, routeConfig) ?? {};
  const same = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);
  const differing = (wanted: Domains<unknown>, names: Iterable<string>): string[] =>
    [...names].filter((domain) => !same(wanted[domain], actual[domain])).map((domain) => `domains.${domain}`);
  return {
    id,
    folder: 'simulation',
    part: partOf(proxy, false),
    gate1: differing(expect.domains, new Set([...Object.keys(expect.domains), ...Object.keys(actual)])),
    gate2: [],
    asserted: differing(asserted, Object.keys(asserted)),
    expected: expect.domains,
    actual,
  };
}
