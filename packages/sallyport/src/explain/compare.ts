import { canonicalJson } from '../lib/json.ts';

/** What is expected of a call: any part of an outcome, in the shape of `expect` in conformance/scenarios. */
export type Expectation = Readonly<Record<string, unknown>>;

/** 1: behaviour, 2: names (conformance/README.md section 4, "Comparison"). */
export type Gate = 1 | 2;

const TOP = ['error', 'listener', 'filterChain', 'virtualHost', 'route', 'routeConfig', 'cluster'] as const;
const DETAIL = [
  'routeIndex',
  'action',
  'weighted',
  'redirect',
  'directStatus',
  'hostRewrite',
  'prefixRewrite',
  'regexRewrite',
  'timeout',
  'retries',
  'mirrors',
  'fault',
  'sniForwardProxy',
  'dynamicForwardProxyFilter',
  'upstreams',
] as const;
const BEHAVIOUR: ReadonlySet<string> = new Set([
  'error',
  'listener',
  'virtualHost',
  'cluster',
  'detail.action',
  'detail.weighted',
  'detail.directStatus',
  'detail.redirect',
  'detail.upstreams',
]);

export interface CompareOptions {
  readonly gate: Gate;
  /** Compare only what the expectation says, as `test` does; otherwise what it leaves out is expected to be empty. */
  readonly onlyGiven?: boolean;
}

/**
 * The fields of one gate in which an outcome differs from what is expected, as `cluster` or `detail.timeout`. An expectation
 * without `detail` says nothing about it.
 */
export function compareOutcome(expected: Expectation, actual: object, { gate, onlyGiven = false }: CompareOptions): string[] {
  const found = actual as Expectation;
  const differs = (wanted: Expectation, got: Expectation, name: string): boolean =>
    (!onlyGiven || Object.hasOwn(wanted, name)) && textOf(name, wanted[name]) !== textOf(name, got[name]);
  const top = TOP.filter((name) => differs(expected, found, name));
  const [wanted, got] = [expected['detail'], found['detail'] ?? {}];
  const detail = isObject(wanted) && isObject(got) ? DETAIL.filter((name) => differs(wanted, got, name)) : [];
  return [...top, ...detail.map((name) => `detail.${name}`)].filter((name) => BEHAVIOUR.has(name) === (gate === 1));
}

/** What an expectation names that no outcome has: nothing would ever be compared with it. */
export function unknownFields(expected: Expectation): string[] {
  const detail = isObject(expected['detail']) ? Object.keys(expected['detail']) : [];
  return [
    ...Object.keys(expected).filter((name) => name !== 'detail' && !TOP.some((known) => known === name)),
    ...detail.filter((name) => !DETAIL.some((known) => known === name)).map((name) => `detail.${name}`),
  ];
}

export interface Agreement {
  readonly gate1: readonly string[];
  readonly gate2: readonly string[];
}

/**
 * Differing fields by gate, against the expectation or whichever alternative comes nearest: any of them will do where istiod
 * itself varied.
 */
export function agrees(
  expected: Expectation,
  alternatives: readonly Expectation[],
  actual: object,
  options: Omit<CompareOptions, 'gate'> = {},
): Agreement {
  return [expected, ...alternatives]
    .map((candidate) => ({
      gate1: compareOutcome(candidate, actual, { ...options, gate: 1 }),
      gate2: compareOutcome(candidate, actual, { ...options, gate: 2 }),
    }))
    .reduce((a, b) => ((a.gate1.length - b.gate1.length || a.gate2.length - b.gate2.length) > 0 ? b : a));
}

/** The text of a field in which order counts only where it means something. Empty and absent are the same. */
function textOf(name: string, value: unknown): string {
  return isEmpty(value) ? '' : canonicalJson(name === 'redirect' ? value : settled(name, value));
}

function isEmpty(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}

/** Sets: each member once, in one order. */
const SETS: ReadonlySet<string> = new Set(['upstreams', 'sans', 'mirrors']);
/** Lists whose order says nothing, but in which doubles are real. */
const BAGS: ReadonlySet<string> = new Set(['endpoints', 'groups']);

function settled(name: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => settled('', item));
    if (!SETS.has(name) && !BAGS.has(name)) return items;
    const keyed = items.map((item) => [canonicalJson(item), item] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return (SETS.has(name) ? [...new Map(keyed)] : keyed).map(([, item]) => item);
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, settled(key, item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => !(Array.isArray(item) && item.length === 0)));
}

function isObject(value: unknown): value is Expectation {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
