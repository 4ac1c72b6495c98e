import { callOf, type Expectation, unknownFields } from '../explain/index.ts';
import type { Issue, IssueCode, Outcome } from '../model/index.ts';
import { type ProxyJson, proxyOfJson } from './proxies.ts';
import { type ConfigVector, FEATURES } from './vector.ts';

export type Domains<T = readonly string[]> = Readonly<Record<string, T>>;

export interface CallItem {
  readonly kind: 'call';
  readonly call: Readonly<Record<string, unknown>>;
  readonly expect: Expectation;
  /** Any of them will do as well. */
  readonly alternatives: readonly Expectation[];
  /** Fields that Istio's own test pins down. */
  readonly asserted?: readonly string[];
}

/** All domains of a route configuration and the clusters behind each. */
export interface VirtualHostsItem {
  readonly kind: 'virtualHosts';
  readonly routeConfig: string;
  readonly expect: { readonly domains: Domains };
  /** What Istio's own test pins down; null: there is no such domain. */
  readonly asserted?: Domains<readonly string[] | null>;
}

/** A file of tests, whichever of the two formats it was written in (conformance README, sections 3 and 4). */
export interface TestFile {
  readonly folder: 'scenarios' | 'simulation';
  readonly scenarios: readonly TestScenario[];
}

export interface TestScenario {
  /** Its name, or its index in a file of the format of `simulation`. */
  readonly name: string | number;
  /** Vector id as far as it goes: `scenarios/<name>/`, `simulation/<file>/<case>/`. */
  readonly id: string;
  readonly vector: ConfigVector;
  readonly runs: readonly TestRun[];
}

export interface TestRun {
  readonly proxy: ProxyJson;
  readonly items: readonly (CallItem | VirtualHostsItem)[];
  /** By host; absent: not tested. */
  readonly nameTable?: Readonly<Record<string, unknown>>;
}

type Json = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/**
 * Reads a parsed file; `stem` is its name without folder and ending. Any error among the issues means that there is no value:
 * a test that can be misread must not pass.
 */
export function testFileOf(json: unknown, stem: string): Outcome<TestFile> {
  const issues: Issue[] = [];
  const value = new Reader(issues).file(json, stem);
  return issues.length > 0 || value === undefined ? { issues } : { value, issues };
}

class Reader {
  readonly #issues: Issue[];

  constructor(issues: Issue[]) {
    this.#issues = issues;
  }

  file(json: unknown, stem: string): TestFile | undefined {
    if (isObject(json) && json['scenarios'] !== undefined) {
      const scenarios = this.#list(json['scenarios'], ['scenarios'], (scenario, at) => this.#scenario(scenario, at));
      return { folder: 'scenarios', scenarios };
    }
    if (isObject(json) && json['cases'] !== undefined) {
      const scenarios = this.#list(json['cases'], ['cases'], (vector, at, index) => {
        const run = this.#run(vector, at);
        return { name: index, id: `simulation/${stem}/${index}/`, vector: this.#vector(vector, at), runs: [run] };
      });
      return { folder: 'simulation', scenarios };
    }
    this.#say(
      'MISSING_FIELD',
      [],
      'there are neither scenarios nor cases',
      'write scenarios: [{name, config, runs: [{proxy, calls: [{call, expect}]}]}]',
    );
    return undefined;
  }

  #scenario(json: Json, at: Path): TestScenario {
    const name = this.#text(json, 'name', at);
    const runs = this.#list(json['runs'], [...at, 'runs'], (run, place) => this.#run(run, place));
    return { name, id: `scenarios/${name}/`, vector: this.#vector(json, at), runs };
  }

  #vector(json: Json, at: Path): ConfigVector {
    const vip = json['vip'];
    if (vip !== undefined && vip !== 'legacy' && vip !== 'status') this.#wrong(vip, [...at, 'vip'], '"status" or "legacy"');
    const features = this.#object(json['features'] ?? {}, [...at, 'features']);
    for (const flag of Object.keys(features)) {
      const known = Object.keys(FEATURES).join(', ');
      if (!Object.hasOwn(FEATURES, flag))
        this.#say(
          'UNSUPPORTED',
          [...at, 'features', flag],
          `istiod's flag ${flag} has no counterpart here`,
          `known are ${known}`,
        );
    }
    return {
      config: this.#text(json, 'config', at),
      mesh: this.#object(json['mesh'] ?? {}, [...at, 'mesh']),
      features: Object.fromEntries(Object.entries(features).map(([flag, value]) => [flag, String(value)])),
      ...(vip === 'legacy' && { vip }),
    };
  }

  #run(json: Json, at: Path): TestRun {
    const proxy = this.#object(json['proxy'] ?? {}, [...at, 'proxy']);
    this.#adopt(proxyOfJson(proxy).issues, [...at, 'proxy']);
    const { nameTable } = json;
    const calls = json['calls'] ?? (nameTable === undefined ? undefined : []);
    const items = this.#list(calls, [...at, 'calls'], (item, place) =>
      item['kind'] === 'virtualHosts' ? this.#virtualHosts(item, place) : this.#call(item, place),
    );
    // Where istiod itself gave different tables, the one written down is no measure.
    const tested = nameTable !== undefined && json['nameTableUnstable'] !== true;
    return { proxy, items, ...(tested && { nameTable: this.#object(nameTable, [...at, 'nameTable']) }) };
  }

  #call(json: Json, at: Path): CallItem {
    const call = this.#object(json['call'], [...at, 'call']);
    this.#adopt(callOf(call).issues, [...at, 'call']);
    const expect = this.#expectation(json['expect'], [...at, 'expect']);
    const alternatives = this.#list(json['alternatives'] ?? [], [...at, 'alternatives'], (one, place) =>
      this.#expectation(one, place),
    );
    const asserted = json['asserted'];
    return { kind: 'call', call, expect, alternatives, ...(Array.isArray(asserted) && { asserted: asserted.map(String) }) };
  }

  #expectation(json: unknown, at: Path): Expectation {
    const expected = this.#object(json, at);
    for (const field of unknownFields(expected)) {
      const hint = 'the fields are those that explain -o json prints';
      this.#say('UNKNOWN_FIELD', [...at, ...field.split('.')], `the outcome of a call has no field ${field}`, hint);
    }
    return expected;
  }

  #virtualHosts(json: Json, at: Path): VirtualHostsItem {
    const expect = this.#object(json['expect'], [...at, 'expect']);
    const domains = this.#object(expect['domains'], [...at, 'expect', 'domains']) as Domains;
    for (const [domain, clusters] of Object.entries(domains))
      if (!Array.isArray(clusters)) this.#wrong(clusters, [...at, 'expect', 'domains', domain], 'a list of clusters');
    const asserted = json['asserted'];
    return {
      kind: 'virtualHosts',
      routeConfig: this.#text(json, 'routeConfig', at),
      expect: { domains },
      ...(isObject(asserted) && { asserted: asserted as Domains<readonly string[] | null> }),
    };
  }

  #list<T>(json: unknown, at: Path, read: (item: Json, at: Path, index: number) => T): T[] {
    if (!Array.isArray(json)) {
      this.#wrong(json, at, 'a list');
      return [];
    }
    return json.map((item, index) => read(this.#object(item, [...at, index]), [...at, index], index));
  }

  #object(json: unknown, at: Path): Json {
    if (isObject(json)) return json;
    this.#wrong(json, at, 'an object');
    return {};
  }

  #text(json: Json, name: string, at: Path): string {
    const value = json[name];
    if (typeof value === 'string') return value;
    this.#wrong(value, [...at, name], 'a text');
    return '';
  }

  #wrong(found: unknown, at: Path, expected: string): void {
    if (found === undefined) this.#say('MISSING_FIELD', at, `${String(at.at(-1))} is missing`, `expected ${expected}`);
    else this.#say('INVALID_VALUE', at, `${String(at.at(-1))} is ${JSON.stringify(found)}`, `expected ${expected}`);
  }

  #say(code: IssueCode, field: Path, message: string, hint: string): void {
    this.#issues.push({ code, severity: 'error', message, hint, field });
  }

  /** Errors of a part that was judged elsewhere, with their place in this file. */
  #adopt(found: readonly Issue[], at: Path): void {
    for (const issue of found)
      if (issue.severity === 'error') this.#issues.push({ ...issue, field: [...at, ...(issue.field ?? [])] });
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
