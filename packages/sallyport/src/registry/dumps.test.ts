import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../model/index.ts';
import { noVectors, vectorFiles, vectorsFile } from './testing/conformance.ts';
import { type TestRegistry, testRegistry } from './testing/registry.ts';

/** The parts of a dump of istiod that show endpoints. */
interface Dump {
  readonly config: string;
  readonly mesh?: Readonly<Record<string, unknown>>;
  readonly vip?: 'legacy';
  readonly endpoints: readonly LoadAssignment[];
  readonly clusters: readonly { readonly name: string; readonly loadAssignment?: LoadAssignment }[];
}
interface LoadAssignment {
  readonly clusterName: string;
  readonly endpoints?: readonly {
    readonly locality: { readonly region?: string; readonly zone?: string; readonly subZone?: string };
    readonly lbEndpoints: readonly LbEndpoint[];
  }[];
}
interface LbEndpoint {
  readonly endpoint: {
    readonly address: {
      readonly pipe?: { readonly path: string };
      readonly socketAddress?: { readonly address: string; readonly portValue?: number };
    };
  };
  readonly loadBalancingWeight?: number;
  readonly healthStatus?: string;
  readonly metadata?: { readonly filterMetadata?: Readonly<Record<string, Readonly<Record<string, string>>>> };
}

/** Capitals in hosts are lowered here, which is an intended difference (spec/istio.md 9). */
const isIntended = (host: string) => host !== host.toLowerCase();

/** What both sides say of an endpoint, as one line. */
function measured(locality: readonly (string | undefined)[], endpoint: LbEndpoint): string {
  const { pipe, socketAddress } = endpoint.endpoint.address;
  const metadata = endpoint.metadata?.filterMetadata ?? {};
  return [
    ...locality.map((part) => part ?? ''),
    pipe === undefined ? `${socketAddress?.address}:${socketAddress?.portValue ?? 0}` : `${pipe.path}:0`,
    endpoint.loadBalancingWeight ?? 1,
    metadata['istio']?.['workload'],
    metadata['envoy.transport_socket_match']?.['tlsMode'] ?? 'disabled',
    endpoint.healthStatus ?? 'UNKNOWN',
  ].join(' ');
}

function ours({ locality, address, port, weight, workload, tlsMode, health }: Endpoint): string {
  const { region, zone, subZone } = locality;
  const names = [workload.workload, workload.namespace, workload.canonicalName, workload.canonicalRevision, workload.cluster];
  return [region, zone, subZone, `${address.value}:${port}`, weight, names.join(';'), tlsMode, health.toUpperCase()].join(' ');
}

/** The endpoints of a cluster: discovered ones by port name, resolved ones by number (spec/istio.md 1.4). */
function endpointsOf(registry: TestRegistry, host: string, port: number, isResolved: boolean): readonly string[][] {
  const services = [...registry.outputs.services.entries()].map(([, service]) => service).filter((s) => s.host === host);
  const counting = services.filter(
    (s) => s.registry === 'kubernetes' || !services.some((other) => other.registry === 'kubernetes'),
  );
  return [...registry.outputs.pools.entries()]
    .filter(([, pool]) => pool.host === host)
    .map(([, pool]) => {
      const name = counting.find((s) => s.namespace === pool.namespace)?.ports.find((p) => p.number === port)?.name;
      return pool.endpoints
        .filter((e) => (isResolved ? e.servicePort.number === port : e.servicePort.name === name && e.address.kind !== 'dns'))
        .map(ours)
        .sort();
    });
}

test('every dump of istiod has the endpoints of our pools', { skip: noVectors }, () => {
  let compared = 0;
  for (const file of vectorFiles('dumps')) {
    const dump = vectorsFile<Dump>(file);
    const registry = testRegistry({ vip: dump.vip ?? 'status' });
    registry.setMesh(dump.mesh);
    registry.write(dump.config);
    const inClusters = dump.clusters.flatMap(({ name, loadAssignment }) =>
      loadAssignment === undefined || !name.startsWith('outbound|') ? [] : [{ ...loadAssignment, isResolved: true }],
    );
    for (const assignment of [...dump.endpoints.map((e) => ({ ...e, isResolved: false })), ...inClusters]) {
      const [, port, subset, host = ''] = assignment.clusterName.split('|');
      if (subset !== '' || isIntended(host)) continue;
      const expected = (assignment.endpoints ?? []).flatMap(({ locality, lbEndpoints }) =>
        lbEndpoints.map((endpoint) => measured([locality.region, locality.zone, locality.subZone], endpoint)),
      );
      const pools = endpointsOf(registry, host, Number(port), assignment.isResolved);
      const isThere = pools.some((pool) => JSON.stringify(pool) === JSON.stringify(expected.sort()));
      assert.ok(isThere, `${file} ${assignment.clusterName}\n${JSON.stringify({ expected, pools }, null, 1)}`);
      compared += 1;
    }
  }
  assert.ok(compared > 100, `only ${compared} clusters compared`);
});
