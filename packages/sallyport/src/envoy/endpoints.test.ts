import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, Service } from '../model/index.ts';
import { built, type Case, endpointWith } from './testing/cluster-rows.ts';

const MAIN = 'outbound|80||a.example';

interface LbEndpoint {
  readonly endpoint: { readonly address: { readonly socketAddress?: { readonly address: string }; readonly pipe?: unknown } };
  readonly healthStatus?: string;
  readonly metadata: { readonly filterMetadata: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
}

function endpointsOf(given: Case, name = MAIN): readonly LbEndpoint[] {
  const { endpoints = [] } = (built(given).endpoints[name] ?? {}) as {
    endpoints?: readonly { lbEndpoints: readonly LbEndpoint[] }[];
  };
  return endpoints.flatMap((group) => group.lbEndpoints);
}
const addresses = (given: Case, name?: string) =>
  endpointsOf(given, name).map(({ endpoint: { address } }) => address.socketAddress?.address ?? address.pipe);

test('an EDS cluster without endpoints has an empty set', () => {
  assert.deepEqual(built({}).endpoints[MAIN], { clusterName: MAIN });
});

test('an endpoint carries address, weight and workload', () => {
  const workload = { workload: 'w', namespace: 'n', canonicalName: 'c', canonicalRevision: 'v1', cluster: 'k' };
  assert.deepEqual(built({ endpoints: [endpointWith('10.0.0.1', { port: 8080, weight: 3, workload })] }).endpoints[MAIN], {
    clusterName: MAIN,
    endpoints: [
      {
        locality: {},
        loadBalancingWeight: 3,
        lbEndpoints: [
          {
            endpoint: { address: { socketAddress: { address: '10.0.0.1', portValue: 8080 } } },
            loadBalancingWeight: 3,
            metadata: { filterMetadata: { istio: { workload: 'w;n;c;v1;k' } } },
          },
        ],
      },
    ],
  });
});

test('revision latest is left blank', () => {
  const { workload } = endpointWith('10.0.0.1');
  const [found] = endpointsOf({
    endpoints: [endpointWith('10.0.0.1', { workload: { ...workload, canonicalRevision: 'latest' } })],
  });
  assert.deepEqual(found?.metadata.filterMetadata['istio'], { workload: 'a-0;shop;a-0;;Kubernetes' });
});

test('endpoints are chosen by the name of the port, names of hosts and empty addresses are left out, doubles stay', () => {
  const none: Endpoint = { ...endpointWith('10.0.0.9'), address: { kind: 'none', value: '' } };
  const endpoints = [
    endpointWith('10.0.0.1'),
    endpointWith('10.0.0.1'),
    endpointWith('10.0.0.2', { servicePort: { name: 'other', number: 80 } }),
    endpointWith('b.example'),
    endpointWith('2001:db8::1'),
    none,
  ];
  assert.deepEqual(addresses({ endpoints }), ['10.0.0.1', '10.0.0.1', '2001:db8::1']);
});

test('a unix socket is a pipe', () => {
  assert.deepEqual(addresses({ endpoints: [endpointWith('unix:///run/a.sock', { port: 0 })] }), [{ path: '/run/a.sock' }]);
});

test('a subset has the endpoints with its labels', () => {
  const endpoints = [endpointWith('10.0.0.1', { labels: { v: '1', t: 'x' } }), endpointWith('10.0.0.2', { labels: { v: '2' } })];
  const rule = { subsets: [{ name: 'v1', labels: { v: '1' } }, { name: 'all' }] };
  assert.deepEqual(addresses({ endpoints, rule }, 'outbound|80|v1|a.example'), ['10.0.0.1']);
  assert.deepEqual(addresses({ endpoints, rule }, 'outbound|80|all|a.example'), ['10.0.0.1', '10.0.0.2']);
});

test('unready endpoints are sent as such unless panic is wanted; those that are going are not sent', () => {
  const endpoints = (['healthy', 'unhealthy', 'terminating', 'draining'] as const).map((health, i) =>
    endpointWith(`10.0.0.${i}`, { health }),
  );
  assert.deepEqual(
    endpointsOf({ endpoints }).map((e) => e.healthStatus),
    ['HEALTHY', 'UNHEALTHY'],
  );
  const rule = { trafficPolicy: { outlierDetection: { minHealthPercent: 10 } } };
  assert.deepEqual(
    endpointsOf({ endpoints, rule }).map((e) => e.healthStatus),
    ['HEALTHY'],
  );
});

test('a service that prefers near endpoints shows which are unready, and never panics', () => {
  const endpoints = [endpointWith('10.0.0.1', { health: 'unhealthy' })];
  const rule = { trafficPolicy: { outlierDetection: { minHealthPercent: 10 } } };
  const near = { endpoints, rule, service: { trafficDistribution: 'PreferSameZone' } };
  assert.deepEqual(addresses(near), ['10.0.0.1']);
  const panic = (given: Case) => JSON.stringify(built(given).clusters[MAIN]?.['commonLbConfig']);
  assert.match(panic(near), /"healthyPanicThreshold":\{\}/);
  assert.match(panic({ endpoints, rule }), /"healthyPanicThreshold":\{"value":10\}/);
});

test('endpoints advertise mutual TLS if they can do it and no rule wants something else', () => {
  const endpoints = [endpointWith('10.0.0.1', { tlsMode: 'istio' }), endpointWith('10.0.0.2')];
  const advertised = (given: Case) =>
    endpointsOf({ ...given, endpoints }).map((e) => e.metadata.filterMetadata['envoy.transport_socket_match']);
  const can = { tlsMode: 'istio' };
  assert.deepEqual(advertised({}), [can, undefined]);
  assert.deepEqual(advertised({ rule: { trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } } }), [can, undefined]);
  assert.deepEqual(advertised({ rule: { trafficPolicy: { tls: { mode: 'SIMPLE' } } } }), [undefined, undefined]);
  assert.deepEqual(advertised({ rule: { trafficPolicy: { tls: { mode: 'DISABLE' } } } }), [undefined, undefined]);
  // Port settings without TLS do not take the rule's word back.
  const portLevelSettings = [{ port: { number: 80 }, connectionPool: { tcp: { maxConnections: 1 } } }];
  const besides = { trafficPolicy: { tls: { mode: 'DISABLE' as const }, portLevelSettings } };
  assert.deepEqual(advertised({ rule: besides }), [undefined, undefined]);
});

test('an endpoint whose workload refuses mutual TLS at its port does not advertise it, unless a rule insists', () => {
  const key = { kind: 'PeerAuthentication', namespace: 'shop', name: 'p' };
  const selected = [{ key, selector: { app: 'web' }, mode: 'STRICT' as const, ports: { 8080: 'DISABLE' as const } }];
  const peers = [{ namespace: 'shop', selected }];
  const labels = { app: 'web' };
  const endpoints = [
    endpointWith('10.0.0.1', { tlsMode: 'istio', labels, port: 8080 }),
    endpointWith('10.0.0.2', { tlsMode: 'istio', labels, port: 8081 }),
    endpointWith('10.0.0.3', { tlsMode: 'istio', port: 8080 }),
  ];
  const advertised = (given: Case) =>
    endpointsOf({ ...given, endpoints, peers }).map((e) => 'envoy.transport_socket_match' in e.metadata.filterMetadata);
  assert.deepEqual(advertised({}), [false, true, true]);
  assert.deepEqual(advertised({ rule: { trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } } }), [true, true, true]);
});

test('a service for callers on the same node has the endpoints that are there', () => {
  const endpoints = [
    endpointWith('10.0.0.1', { node: 'n1' }),
    endpointWith('10.0.0.2', { node: 'n2' }),
    endpointWith('10.0.0.3'),
  ];
  const seen = (facet: Case['facet'], nodeLocal: Pick<Service, 'nodeLocal'> = { nodeLocal: true }) =>
    addresses({ endpoints, service: nodeLocal, ...(facet && { facet }) });
  assert.deepEqual(seen({ node: 'n2' }), ['10.0.0.2']);
  assert.deepEqual(seen({ node: '' }), ['10.0.0.3']);
  assert.deepEqual(seen({ node: 'n2' }, {}), ['10.0.0.1', '10.0.0.2', '10.0.0.3']);
});
