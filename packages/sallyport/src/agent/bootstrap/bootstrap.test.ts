import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BootstrapOptions, bootstrapJson, bootstrapOf } from './index.ts';

const options: BootstrapOptions = {
  identity: { name: 'web-1', namespace: 'shop', ips: ['10.0.0.7'] },
  interception: { mode: 'REDIRECT', dnsCapture: true, unprivileged: true, statusPort: 15021, metricsPort: 15090 },
  source: { kind: 'ads', place: { kind: 'unix', path: '/run/x/xds.sock' } },
  adminPath: '/run/x/admin.sock',
  sdsPath: '/run/x/sds.sock',
  resolver: { address: '127.0.0.1', port: 15054 },
  metrics: { address: '0.0.0.0', port: 15090 },
};
// biome-ignore lint/suspicious/noExplicitAny: JSON as Envoy reads it, looked into by path
const json = (changed: Partial<BootstrapOptions> = {}): any => JSON.parse(bootstrapJson(bootstrapOf({ ...options, ...changed })));

test('the node has Istio’s form, with the defaults of its agent', () => {
  const { node } = json();
  assert.equal(node.id, 'sidecar~10.0.0.7~web-1.shop~shop.svc.cluster.local');
  assert.equal(node.cluster, 'web-1.shop');
  assert.equal(node.locality, undefined);
  assert.deepEqual(node.metadata, {
    NAME: 'web-1',
    NAMESPACE: 'shop',
    LABELS: {},
    INSTANCE_IPS: '10.0.0.7',
    INTERCEPTION_MODE: 'REDIRECT',
    ENVOY_STATUS_PORT: 15021,
    ENVOY_PROMETHEUS_PORT: 15090,
    UNPRIVILEGED_POD: 'true',
    SALLYPORT_RESOLVER: 'true',
    SALLYPORT_NO_IDENTITY: 'true',
    DNS_CAPTURE: 'true',
    SALLYPORT_NAME_ROWS: 'true',
  });
});

test('only without a certificate does the node say that it has none', () => {
  const { node } = json({ interception: { ...options.interception, hasCertificate: true } });
  assert.ok(!('SALLYPORT_NO_IDENTITY' in node.metadata));
});

test('metadata that is given wins, and what is undefined is not sent', () => {
  const metadata = { NETWORK: 'east', DNS_CAPTURE: undefined, LABELS: { version: 'v2' } };
  const { node } = json({
    identity: { ...options.identity, dnsDomain: 'vm.test', clusterId: 'c1', serviceAccount: 'sa', metadata },
  });
  assert.equal(node.id, 'sidecar~10.0.0.7~web-1.shop~vm.test');
  assert.deepEqual([node.metadata.NETWORK, node.metadata.CLUSTER_ID, node.metadata.SERVICE_ACCOUNT], ['east', 'c1', 'sa']);
  assert.deepEqual(node.metadata.LABELS, { version: 'v2' });
  assert.ok(!('DNS_CAPTURE' in node.metadata));
});

test('resources come over one delta stream, and are waited for without end', () => {
  const { dynamicResources } = json();
  assert.equal(dynamicResources.adsConfig.apiType, 'DELTA_GRPC');
  for (const config of [dynamicResources.cdsConfig, dynamicResources.ldsConfig])
    assert.deepEqual(config, { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' });
});

test('Envoy asks the agent’s resolver and no other', () => {
  const { typedConfig } = json().typedDnsResolverConfig;
  assert.deepEqual(typedConfig.resolvers, [{ socketAddress: { address: '127.0.0.1', portValue: 15054 } }]);
  assert.equal(typedConfig.useResolversAsFallback, undefined);
  assert.deepEqual(typedConfig.dnsResolverOptions, { noDefaultSearchDomain: true });
});

test('only with a mark are packets marked', () => {
  assert.equal(json().clusterManager, undefined);
  assert.deepEqual(json({ mark: 1337 }).clusterManager.upstreamBindConfig.socketOptions, [
    { description: 'sallyport capture', level: '1', name: '36', intValue: '1337' },
  ]);
});

test('the admin interface listens nowhere but on a socket for its owner', () => {
  const bootstrap = json();
  assert.deepEqual(bootstrap.admin.address, { pipe: { path: '/run/x/admin.sock', mode: 0o600 } });
  const [listener] = bootstrap.staticResources.listeners;
  const routes = listener.filterChains[0].filters[0].typedConfig.routeConfig.virtualHosts.flatMap(
    (host: { routes: object[] }) => host.routes,
  );
  assert.deepEqual(routes, [
    {
      match: { path: '/stats/prometheus', headers: [{ name: ':method', stringMatch: { exact: 'GET' } }] },
      route: { cluster: 'prometheus_stats' },
    },
  ]);
});

test('the statistics rules cut names as the clusters are named', () => {
  const tags: { tagName: string; regex: string }[] = json().statsConfig.statsTags;
  const tag = (name: string, statistic: string) =>
    new RegExp(tags.find(({ tagName }) => tagName === name)!.regex).exec(statistic)?.[2];
  assert.equal(tag('cluster_name', 'cluster.outbound|80||api.example.test;.upstream_cx_total'), 'outbound|80||api.example.test');
  assert.equal(tag('cluster_name', 'cluster.xds-grpc;.upstream_cx_total'), 'xds-grpc');
  assert.equal(tag('http_conn_manager_prefix', 'http.outbound_0.0.0.0_80;.downstream_rq_total'), 'outbound_0.0.0.0_80');
  assert.equal(tag('tcp_prefix', 'tcp.outbound|443||api.example.test.downstream_cx_total'), 'outbound|443||api.example.test');
  assert.equal(tag('tcp_prefix', 'tcp.InboundPassthroughCluster;.downstream_cx_total'), 'InboundPassthroughCluster');
  assert.equal(tag('listener_address', 'listener.0.0.0.0_15001.downstream_cx_total'), '0.0.0.0_15001');
  assert.equal(tag('listener_address', 'listener.[__]_15001.downstream_cx_total'), '[__]_15001');
  assert.equal(tag('response_code_class', 'cluster.x;.upstream_rq_5xx'), '5xx');
  assert.equal(tag('response_code', 'cluster.x;.upstream_rq_503'), '503');
});
