import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localityOf, networkOf, parseLocality, withTopology } from './locality.ts';
import { fullHost, gatewayName } from './short-name.ts';

test('a host without a dot is a Kubernetes Service of the own namespace', () => {
  assert.equal(fullHost('Reviews', 'shop', 'cluster.local'), 'reviews.shop.svc.cluster.local');
  assert.equal(fullHost('reviews', 'shop', ''), 'reviews.shop');
  for (const host of ['api.example.com', '*', '*.example.com', '2001:db8::1'])
    assert.equal(fullHost(host, 'shop', 'cluster.local'), host);
});

test('gateways are named by namespace and name, whichever of the four spellings is used', () => {
  assert.equal(gatewayName('mesh', 'shop'), 'mesh');
  assert.equal(gatewayName('out', 'shop'), 'shop/out');
  assert.equal(gatewayName('./out', 'shop'), 'shop/out');
  assert.equal(gatewayName('istio-system/out', 'shop'), 'istio-system/out');
  assert.equal(gatewayName('out.edge.svc.cluster.local', 'shop'), 'edge/out');
});

test('a locality comes from the field, then from the labels, where dots stand for slashes', () => {
  const labels = { 'topology.istio.io/locality': 'eu.z1.s1', 'istio-locality': 'us' };
  assert.deepEqual(localityOf('ap/z9', labels), { region: 'ap', zone: 'z9', subZone: '' });
  assert.deepEqual(localityOf(undefined, labels), { region: 'eu', zone: 'z1', subZone: 's1' });
  assert.deepEqual(localityOf('', { 'istio-locality': 'us' }), { region: 'us', zone: '', subZone: '' });
  assert.deepEqual(parseLocality(''), { region: '', zone: '', subZone: '' });
});

test('selectors see where a workload stands', () => {
  const place = {
    locality: parseLocality('eu/z1'),
    network: networkOf('', { 'topology.istio.io/network': 'n1' }),
    cluster: 'c1',
  };
  assert.deepEqual(withTopology({ app: 'a' }, place), {
    app: 'a',
    'topology.kubernetes.io/region': 'eu',
    'topology.kubernetes.io/zone': 'z1',
    'topology.istio.io/cluster': 'c1',
    'topology.istio.io/network': 'n1',
  });
});
