import { ipFamily } from '../lib/ip.ts';
import type { Address, Endpoint, PlacedWorkload, WorkloadIdentity } from '../model/index.ts';

type Labels = Readonly<Record<string, string>>;

/** Something that runs and may be selected as an endpoint: a WorkloadEntry or a Pod, with everything that does not depend on who selects it. */
export interface Workload extends PlacedWorkload {
  /** Counts as an endpoint: a Pod is ready, a health-checked WorkloadEntry is healthy. */
  readonly ready: boolean;
  /** What every endpoint made from it has. */
  readonly endpoint: Omit<Endpoint, 'port' | 'servicePort' | 'from'>;
}

/** The kind of an address as the user wrote it; `unix://` is taken off a path (spec/istio.md 1.4). */
export function addressOf(text: string | undefined): Address {
  if (text === undefined || text === '') return { kind: 'none', value: '' };
  if (text.startsWith('unix://')) return { kind: 'unix', value: text.slice('unix://'.length) };
  return ipFamily(text) === 0 ? { kind: 'dns', value: text.toLowerCase() } : { kind: 'ip', value: text };
}

const CANONICAL_NAME = ['service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app'];
const CANONICAL_REVISION = ['service.istio.io/canonical-revision', 'app.kubernetes.io/version', 'version'];

/** What telemetry calls a workload of this name (spec/istio.md 10.4). */
export function workloadIdentity(workload: string, namespace: string, labels: Labels, cluster: string): WorkloadIdentity {
  return {
    workload,
    namespace,
    canonicalName: firstOf(labels, CANONICAL_NAME) ?? workload,
    canonicalRevision: firstOf(labels, CANONICAL_REVISION) ?? '',
    cluster,
  };
}

function firstOf(labels: Labels, names: readonly string[]): string | undefined {
  return names.map((name) => labels[name]).find((value) => value !== undefined && value !== '');
}

export const TLS_MODE = 'security.istio.io/tlsMode';

/** Where a workload stands in the index by labels: under its namespace, and under each of its labels there. */
export function* selectionPlaces(workload: Workload): Generator<string> {
  if (!workload.ready) return;
  yield workload.namespace;
  for (const [name, value] of Object.entries(workload.labels)) yield selectionPlace(workload.namespace, name, value);
}

function selectionPlace(namespace: string, name: string, value: string): string {
  return `${namespace}\n${name}=${value}`;
}

/**
 * The keys of the ready workloads of this namespace that have all these labels; no labels select all. Only the members
 * of the sets in question are looked at, so that other workloads never matter.
 */
export function selectedKeys(
  selector: Labels,
  namespace: string,
  membersOf: (place: string) => ReadonlySet<string>,
): readonly string[] {
  const pairs = Object.entries(selector).map(([name, value]) => membersOf(selectionPlace(namespace, name, value)));
  const [smallest, ...others] = pairs.sort((a, b) => a.size - b.size);
  if (smallest === undefined) return [...membersOf(namespace)];
  return [...smallest].filter((key) => others.every((set) => set.has(key)));
}
