import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import { type ClientTls, SALLYPORT_DEFAULTS } from '../model/index.ts';
import { built, type Case, endpointWith } from './testing/cluster-rows.ts';

const NO_LIMITS = {
  thresholds: [{ maxConnections: 4294967295, maxPendingRequests: 4294967295, maxRequests: 4294967295, maxRetries: 4294967295 }],
};
const MAIN = 'outbound|80||a.example';

function clusterOf(given: Case, name = MAIN): JsonObject {
  const found = built(given).clusters[name];
  assert.ok(found, `there is no cluster ${name}`);
  return found;
}

function outboundNames(given: Case): string[] {
  return Object.keys(built(given).clusters)
    .filter((name) => name.startsWith('outbound|'))
    .sort();
}

function istioMetadata(cluster: JsonObject): unknown {
  return (cluster['metadata'] as { filterMetadata: { istio: unknown } }).filterMetadata.istio;
}

test('a STATIC entry is an EDS cluster with Istio’s defaults', () => {
  assert.deepEqual(clusterOf({ endpoints: [endpointWith('10.0.0.1')] }), {
    name: MAIN,
    altStatName: `${MAIN};`,
    type: 'EDS',
    circuitBreakers: NO_LIMITS,
    commonLbConfig: { healthyPanicThreshold: {} },
    connectTimeout: '10s',
    edsClusterConfig: {
      edsConfig: { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' },
      serviceName: MAIN,
    },
    lbPolicy: 'LEAST_REQUEST',
    metadata: {
      filterMetadata: {
        istio: { external: true, services: [{ host: 'a.example', name: 'a.example', namespace: 'shop' }] },
      },
    },
  });
});

test('a DNS entry is a STRICT_DNS cluster that holds its endpoints', () => {
  const cluster = clusterOf({ service: { resolution: 'dns' }, endpoints: [endpointWith('b.example', { weight: 3 })] });
  const { type, edsClusterConfig, loadAssignment, dnsLookupFamily, dnsRefreshRate, dnsJitter, respectDnsTtl } = cluster;
  assert.deepEqual(
    { type, edsClusterConfig, dnsLookupFamily, dnsRefreshRate, dnsJitter, respectDnsTtl },
    {
      type: 'STRICT_DNS',
      edsClusterConfig: undefined,
      dnsLookupFamily: 'V4_ONLY',
      dnsRefreshRate: '60s',
      dnsJitter: '0.100s',
      respectDnsTtl: true,
    },
  );
  assert.deepEqual(cluster['typedDnsResolverConfig'], {
    name: 'envoy.network.dns_resolver.cares',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig',
      udpMaxQueries: 100,
    },
  });
  assert.deepEqual(loadAssignment, {
    clusterName: MAIN,
    endpoints: [
      {
        locality: {},
        loadBalancingWeight: 3,
        lbEndpoints: [
          {
            endpoint: { address: { socketAddress: { address: 'b.example', portValue: 80 } } },
            loadBalancingWeight: 3,
            metadata: { filterMetadata: { istio: { workload: 'a-0;shop;a-0;;Kubernetes' } } },
          },
        ],
      },
    ],
  });
});

test('a DNS entry whose selector matches nothing has no cluster', () => {
  assert.deepEqual(outboundNames({ service: { resolution: 'dns', selector: { app: 'vm' } } }), []);
});

test('a subset of a DNS entry that no endpoint belongs to has no cluster, a subset of an EDS entry has', () => {
  const rule = {
    subsets: [
      { name: 'v1', labels: { v: '1' } },
      { name: 'none', labels: { v: '9' } },
    ],
  };
  const labels = { v: '1' };
  const dns = { rule, service: { resolution: 'dns' as const }, endpoints: [endpointWith('b.example', { labels })] };
  assert.deepEqual(outboundNames(dns), ['outbound|80|v1|a.example', MAIN]);
  const eds = { rule, endpoints: [endpointWith('10.0.0.1', { labels })] };
  assert.deepEqual(outboundNames(eds), ['outbound|80|none|a.example', 'outbound|80|v1|a.example', MAIN]);
});

test('a DNS cluster selects endpoints by port number, whatever the port is called', () => {
  const service = {
    resolution: 'dns' as const,
    ports: [
      { number: 80, name: 'web', protocol: 'http' as const },
      { number: 81, name: 'http', protocol: 'http' as const },
    ],
  };
  assert.deepEqual(outboundNames({ service, endpoints: [endpointWith('b.example')] }), [MAIN]);
});

test('DNS_ROUND_ROBIN is LOGICAL_DNS with one endpoint', () => {
  const endpoints = [endpointWith('b.example'), endpointWith('c.example')];
  const cluster = clusterOf({ service: { resolution: 'dns-round-robin' }, endpoints });
  assert.equal(cluster['type'], 'LOGICAL_DNS');
  const { endpoints: groups } = cluster['loadAssignment'] as { endpoints: { lbEndpoints: unknown[] }[] };
  assert.deepEqual(
    groups.map((g) => g.lbEndpoints.length),
    [1],
  );
});

test('a race of connections looks up both address families', () => {
  const cluster = clusterOf({ service: { resolution: 'dns', raceConnect: true }, endpoints: [endpointWith('b.example')] });
  assert.equal(cluster['type'], 'LOGICAL_DNS');
  assert.equal(cluster['dnsLookupFamily'], 'ALL');
});

test('a race with several endpoints is none: all of them are called', () => {
  const endpoints = [endpointWith('b.example'), endpointWith('c.example')];
  const cluster = clusterOf({ service: { resolution: 'dns', raceConnect: true }, endpoints });
  assert.equal(cluster['type'], 'STRICT_DNS');
  assert.equal(JSON.stringify(cluster['loadAssignment']).includes('c.example'), true);
});

test('look-ups follow the addresses of the proxy', () => {
  const family = (given: Case) =>
    clusterOf({ service: { resolution: 'dns' }, endpoints: [endpointWith('b.example')], ...given })['dnsLookupFamily'];
  assert.equal(family({ facet: { ipFamilies: 'v6' } }), 'V6_ONLY');
  assert.equal(family({ facet: { ipFamilies: 'dual' } }), 'V4_ONLY');
  const sallyport = { ...SALLYPORT_DEFAULTS, dualStack: true };
  assert.equal(family({ facet: { ipFamilies: 'dual' }, mesh: { sallyport } }), 'ALL');
});

test('NONE goes to the original destination, to the target port if there is one', () => {
  const ports = [{ number: 80, name: 'http', protocol: 'http' as const, passthroughTarget: 8080 }];
  const cluster = clusterOf({ service: { resolution: 'none', ports } });
  assert.equal(cluster['type'], 'ORIGINAL_DST');
  assert.equal(cluster['lbPolicy'], 'CLUSTER_PROVIDED');
  assert.deepEqual(cluster['originalDstLbConfig'], { upstreamPortOverride: 8080 });
  assert.equal(cluster['loadAssignment'], undefined);
});

test('NONE at a gateway is EDS, with an empty endpoint set', () => {
  const found = built({ service: { resolution: 'none' }, facet: { role: 'router' } });
  assert.equal(found.clusters[MAIN]?.['type'], 'EDS');
  assert.deepEqual(found.endpoints[MAIN], { clusterName: MAIN });
});

test('PASSTHROUGH balancing turns a cluster into ORIGINAL_DST and drops its endpoints', () => {
  const rule = { trafficPolicy: { loadBalancer: { simple: 'PASSTHROUGH' as const } } };
  const found = built({ rule, endpoints: [endpointWith('10.0.0.1')] });
  const { type, lbPolicy, edsClusterConfig } = found.clusters[MAIN] ?? {};
  assert.deepEqual(
    { type, lbPolicy, edsClusterConfig },
    { type: 'ORIGINAL_DST', lbPolicy: 'CLUSTER_PROVIDED', edsClusterConfig: undefined },
  );
  assert.deepEqual(found.endpoints, {});
});

test('subsets of what is PASSTHROUGH as a whole go where they were going, whatever they say', () => {
  const policy = (simple: 'PASSTHROUGH' | 'ROUND_ROBIN') => ({ loadBalancer: { simple } });
  const subset = { name: 'v1', labels: { v: '1' }, trafficPolicy: policy('ROUND_ROBIN') };
  const service = { resolution: 'dns' as const, location: 'internal' as const };
  const rule = { trafficPolicy: policy('PASSTHROUGH'), subsets: [subset] };
  const { clusters } = built({ service, rule, endpoints: [endpointWith('b.example')] });
  const found = clusters['outbound|80|v1|a.example'];
  assert.equal(found?.['type'], 'ORIGINAL_DST');
  assert.equal(found?.['lbPolicy'], 'CLUSTER_PROVIDED');
  // Whether every endpoint can do mutual TLS is asked only of what itself says PASSTHROUGH.
  assert.ok(found?.['transportSocket'] !== undefined && clusters[MAIN]?.['transportSocket'] === undefined);
  assert.deepEqual(outboundNames({ service, rule, endpoints: [] }), []);
});

test('TLS of a DYNAMIC_DNS cluster is checked against the host that was called', () => {
  const host = '*.example';
  const options = (tls: ClientTls) => {
    const service = { host, resolution: 'dynamic-dns' as const };
    const found = clusterOf({ service, rule: { trafficPolicy: { tls } } }, 'outbound|80||*.example');
    const text = JSON.stringify(found);
    return [/"autoSni":true/, /"autoSanValidation":true/, /"sni":/].map((pattern) => pattern.test(text));
  };
  assert.deepEqual(options({ mode: 'SIMPLE' }), [true, true, false]);
  assert.deepEqual(options({ mode: 'SIMPLE', sni: 'n.example' }), [false, true, true]);
  assert.deepEqual(options({ mode: 'SIMPLE', subjectAltNames: ['z'] }), [true, true, false]);
  assert.deepEqual(options({ mode: 'SIMPLE', insecureSkipVerify: true }), [true, false, false]);
  assert.deepEqual(options({ mode: 'ISTIO_MUTUAL' }), [true, true, false]);
});

test('DYNAMIC_DNS of a wildcard looks names up at run time', () => {
  const ports = [
    { number: 80, name: 'http', protocol: 'http' as const },
    { number: 81, name: 'tcp', protocol: 'tcp' as const },
  ];
  const service = { host: '*.example', resolution: 'dynamic-dns' as const, ports };
  assert.deepEqual(outboundNames({ service, rule: { subsets: [{ name: 'v1' }] } }), ['outbound|80||*.example']);
  assert.deepEqual(clusterOf({ service }, 'outbound|80||*.example'), {
    name: 'outbound|80||*.example',
    altStatName: 'outbound|80||*.example;',
    clusterType: {
      name: 'envoy.clusters.dynamic_forward_proxy',
      typedConfig: {
        '@type': 'type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig',
        dnsCacheConfig: { dnsLookupFamily: 'V4_ONLY', name: '*.example_dfp_dns_cache' },
      },
    },
    circuitBreakers: NO_LIMITS,
    connectTimeout: '10s',
    lbPolicy: 'CLUSTER_PROVIDED',
    metadata: { filterMetadata: { istio: { external: true } } },
  });
});

test('a DYNAMIC_DNS cluster with HTTP options that Envoy would refuse is marked as meant', () => {
  const host = '*.example';
  const marked = (given: Case) => {
    const found = clusterOf(
      { ...given, service: { host, resolution: 'dynamic-dns', ...given.service } },
      'outbound|80||*.example',
    );
    return JSON.stringify(found).includes('"allowInsecureClusterOptions":true');
  };
  const withTls = (tls: ClientTls) => marked({ rule: { trafficPolicy: { tls } } });
  assert.equal(marked({}), false);
  assert.equal(marked({ service: { ports: [{ number: 80, name: 'grpc', protocol: 'grpc' }] } }), true);
  assert.equal(withTls({ mode: 'SIMPLE' }), false);
  assert.equal(withTls({ mode: 'SIMPLE', insecureSkipVerify: true }), true);
  // The certificate has to be the called host's in any case, and with a name given once and for all it may not be.
  assert.equal(withTls({ mode: 'SIMPLE', subjectAltNames: ['a'] }), false);
  assert.equal(withTls({ mode: 'SIMPLE', sni: 'a' }), true);
});

test('TLS to a host that is looked up goes by its name, and the certificate is always checked against that, in mesh TLS too', () => {
  const nameAndCheck = (tls: ClientTls) => {
    const service = { host: '*.example', resolution: 'dynamic-dns' as const };
    const cluster = clusterOf({ service, rule: { trafficPolicy: { tls } } }, 'outbound|80||*.example');
    const auto = /"upstreamHttpProtocolOptions":(\{[^}]*\})/.exec(JSON.stringify(cluster))?.[1];
    return [auto && JSON.parse(auto), /"sni":"([^"]*)"/.exec(JSON.stringify(cluster))?.[1]];
  };
  const both = { autoSni: true, autoSanValidation: true };
  assert.deepEqual(nameAndCheck({ mode: 'SIMPLE', subjectAltNames: ['a'] }), [both, undefined]);
  assert.deepEqual(nameAndCheck({ mode: 'SIMPLE', sni: 'b' }), [{ autoSanValidation: true }, 'b']);
  assert.deepEqual(nameAndCheck({ mode: 'SIMPLE', insecureSkipVerify: true }), [{ autoSni: true }, undefined]);
  assert.deepEqual(nameAndCheck({ mode: 'SIMPLE', insecureSkipVerify: true, sni: 'b' }), [undefined, 'b']);
  assert.deepEqual(nameAndCheck({ mode: 'ISTIO_MUTUAL' }), [both, undefined]);
});

test('UDP ports and aliases have no clusters', () => {
  const ports = [{ number: 53, name: 'dns', protocol: 'udp' as const }];
  assert.deepEqual(outboundNames({ service: { ports } }), []);
  assert.deepEqual(outboundNames({ service: { aliasOf: 'b.example' } }), []);
});

test('metadata names the rule and the subset; only the main cluster of an external service is marked external', () => {
  const rule = { trafficPolicy: { tls: { mode: 'SIMPLE' as const } }, subsets: [{ name: 'v1', labels: {} }] };
  const services = [{ host: 'a.example', name: 'a.example', namespace: 'shop' }];
  const config = '/apis/networking.istio.io/v1/namespaces/shop/destination-rule/r';
  const { clusters } = built({ rule });
  assert.deepEqual(istioMetadata(clusters[MAIN]!), { alpn_override: 'false', config, external: true, services });
  const subset = clusters['outbound|80|v1|a.example'];
  assert.deepEqual(istioMetadata(subset!), { alpn_override: 'false', config, services, subset: 'v1' });
});
