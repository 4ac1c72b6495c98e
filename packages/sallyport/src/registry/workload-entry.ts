import type { ConfigObject, Endpoint, WorkloadEntrySpec } from '../model/index.ts';
import { type Defaults, spiffeId } from './defaults.ts';
import { localityOf, networkOf, withTopology } from './locality.ts';
import { addressOf, TLS_MODE, type Workload, workloadIdentity } from './workload.ts';

/** The endpoint facts that a WorkloadEntry spec gives, free-standing or inline in a ServiceEntry of this namespace (spec/istio.md 1.4). */
export function endpointFacts(
  spec: WorkloadEntrySpec,
  labels: Readonly<Record<string, string>>,
  named: { readonly name: string; readonly namespace: string },
  defaults: Defaults,
): Omit<Endpoint, 'port' | 'servicePort' | 'from' | 'origin'> {
  const locality = localityOf(spec.locality, labels);
  const network = networkOf(spec.network, labels);
  const account = spec.serviceAccount ?? '';
  return {
    address: addressOf(spec.address),
    labels: withTopology(labels, { locality, network, cluster: defaults.clusterId }),
    locality,
    network,
    weight: Math.max(1, spec.weight ?? 1),
    identity: account === '' ? '' : spiffeId(defaults.trustDomain, named.namespace, account),
    tlsMode: labels[TLS_MODE] ?? (account === '' ? 'disabled' : 'istio'),
    health: 'unknown',
    workload: workloadIdentity(named.name, named.namespace, labels, defaults.clusterId),
  };
}

/** A WorkloadEntry as something to be selected: labels of its metadata win over those of its spec (spec/istio.md 1.4). */
export function workloadOfEntry(object: ConfigObject<WorkloadEntrySpec>, defaults: Defaults): Workload {
  const { key, spec } = object;
  const facts = endpointFacts(spec, { ...spec.labels, ...object.labels }, key, defaults);
  return {
    key,
    namespace: key.namespace,
    ready: isHealthy(object),
    labels: facts.labels,
    addresses: facts.address.kind === 'ip' ? [facts.address.value] : [],
    ports: spec.ports ?? {},
    endpoint: { ...facts, origin: 'workload-entry' },
  };
}

/** Only an entry that asks for health checks has to have passed them. */
function isHealthy(object: ConfigObject): boolean {
  if (object.annotations['proxy.istio.io/health-checks-enabled'] !== 'true') return true;
  const { conditions = [] } = (object.status ?? {}) as { conditions?: readonly { type?: string; status?: string }[] };
  return conditions.some(({ type, status }) => type === 'Healthy' && status === 'True');
}
