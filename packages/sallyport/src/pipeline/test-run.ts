import { agrees, callOf, indexResources, type ResourceIndex, resourcesFromJson, virtualHostsOf, walk } from '../explain/index.ts';
import { canonicalJson } from '../lib/json.ts';
import type { Issue } from '../model/index.ts';
import type { ProxyJson } from './proxies.ts';
import type { CallItem, Domains, TestFile, TestRun, TestScenario, VirtualHostsItem } from './test-file.ts';
import { openVector } from './vector.ts';

/** How one call, one set of virtual hosts or one name table compares with what a file of tests expects. */
export interface TestCase {
  /** Id of the vector: `scenarios/<scenario>/<run>/<call>`, `simulation/<file>/<case>/<item>`. */
  readonly id: string;
  readonly scenario: string | number;
  /** Index from 0. */
  readonly run: number;
  /** Index from 0. */
  readonly call: number | 'nameTable';
  readonly proxy: ProxyJson;
  /** The call comes to the proxy's own workload. */
  readonly inbound: boolean;
  readonly expected: unknown;
  /** In the shape of `expected`; complete, an absent field is empty. */
  readonly actual: unknown;
  /** Differing fields that change behaviour, and those that only change names (conformance README, section 4, "Comparison"). */
  readonly gate1: readonly string[];
  readonly gate2: readonly string[];
  /** Differing fields that Istio's own test pins down; absent where there is no such test. */
  readonly asserted?: readonly string[];
  /** What the pipeline refuses of the configuration: the likely cause of a difference. */
  readonly refused: readonly Issue[];
}

export interface TestOptions {
  /** Compare only what the file says; otherwise what it leaves out is expected to be empty. */
  readonly onlyGiven: boolean;
  /** Whether a scenario is wanted, by its id. */
  readonly wanted?: (id: string) => boolean;
}

/** Runs a file of tests through the whole pipeline and the walker, scenario by scenario. */
export function* runTestFile(file: TestFile, options: TestOptions): Generator<TestCase> {
  for (const scenario of file.scenarios) {
    if (options.wanted?.(scenario.id) === false) continue;
    const opened = openVector(scenario.vector);
    const refused = opened.errors;
    for (const [run, { proxy, items, nameTable }] of scenario.runs.entries()) {
      const { value: resources, issues } = opened.generate(proxy);
      if (resources === undefined) throw new Error(`the proxy of ${scenario.id}${run} is refused: ${JSON.stringify(issues)}`);
      const index = indexResources(resourcesFromJson(resources));
      for (const [call, item] of items.entries()) {
        const place = { ...placeOf(file, scenario, run, call), proxy, refused };
        yield item.kind === 'call'
          ? { ...place, ...judgeCall(index, item, options) }
          : { ...place, ...judgeDomains(index, item) };
      }
      if (nameTable !== undefined)
        yield { ...placeOf(file, scenario, run, 'nameTable'), proxy, refused, ...judgeNames(nameTable, resources.nameTable) };
    }
  }
}

type Place = Pick<TestCase, 'id' | 'scenario' | 'run' | 'call'>;
type Judgement = Omit<TestCase, keyof Place | 'proxy' | 'refused'>;

/** Only `scenarios` have several runs, so only their ids say which. */
function placeOf({ folder }: TestFile, { id, name }: TestScenario, run: number, call: number | 'nameTable'): Place {
  return { id: folder === 'scenarios' ? `${id}${run}/${call}` : `${id}${call}`, scenario: name, run, call };
}

function judgeCall(index: ResourceIndex, item: CallItem, { onlyGiven }: TestOptions): Judgement {
  const { value, issues } = callOf(item.call);
  if (value === undefined) throw new Error(`a call is refused: ${JSON.stringify(issues)}`);
  const { steps: _steps, ...actual } = walk(index, value);
  const { gate1, gate2 } = agrees(item.expect, item.alternatives, actual, { onlyGiven });
  const asserted = item.asserted?.filter((field) => gate1.includes(field) || gate2.includes(field));
  return {
    inbound: value.inbound || item.expect['listener'] === 'virtualInbound',
    expected: item.expect,
    actual,
    gate1,
    gate2,
    ...(asserted !== undefined && { asserted }),
  };
}

function judgeDomains(index: ResourceIndex, { routeConfig, expect, asserted }: VirtualHostsItem): Judgement {
  const domains = virtualHostsOf(index, routeConfig) ?? {};
  const differing = (wanted: Domains<readonly string[] | null>, names: Iterable<string>): string[] =>
    [...names].filter((domain) => setText(wanted[domain]) !== setText(domains[domain])).map((domain) => `domains.${domain}`);
  return {
    inbound: false,
    expected: expect,
    actual: { domains },
    gate1: differing(expect.domains, keysOf(expect.domains, domains)),
    gate2: [],
    ...(asserted !== undefined && { asserted: differing(asserted, Object.keys(asserted)) }),
  };
}

/** Nobody's call goes elsewhere because of the origin of a name, so a name table is a matter of names (gate 2) as a whole. */
function judgeNames(expected: NonNullable<TestRun['nameTable']>, actual: Readonly<Record<string, unknown>>): Judgement {
  const differing = keysOf(expected, actual).filter((host) => nameText(expected[host]) !== nameText(actual[host]));
  return { inbound: false, expected, actual, gate1: [], gate2: differing.map((host) => `nameTable.${host}`) };
}

const keysOf = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();

function setText(members: unknown): string {
  return Array.isArray(members) ? canonicalJson([...new Set(members)].sort()) : 'none';
}

/** `ips` is a set; an absent field is empty. */
function nameText(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return 'none';
  const { ips, ...rest } = entry as Readonly<Record<string, unknown>>;
  return `${setText(ips ?? [])}${canonicalJson(Object.fromEntries(Object.entries(rest).filter(([, value]) => value)))}`;
}
