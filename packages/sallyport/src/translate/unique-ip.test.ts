import assert from 'node:assert/strict';
import { it } from 'node:test';
import { uniqueIp, uniqueIpAmong } from './unique-ip.ts';

/** Published addresses (spec/gloo.md 1.5); the last one was computed by others with the published function. */
const VECTORS: readonly (readonly [string, readonly string[]])[] = [
  ['248.6.56.91', ['my-external-service', 'istio-system', '', 'kube-service']],
  ['248.85.101.6', ['forumsystems-ldap', 'istio-system', 'cluster1', 'kube-service']],
  ['246.94.86.0', ['frontend', 'gloo-mesh', '', 'local-resource']],
  ['243.21.204.125', ['some-svc', 'some-ns', 'cluster', 'kube-service']],
  ['254.154.115.171', ['VirtualDestination', 'productpage', 'bookinfo-frontends', 'cluster1']],
  ['255.85.53.227', ['httpbin', 'istio-system', '', 'kube-service']],
];

for (const [address, parts] of VECTORS) {
  it(`${parts.join(' + ')} has the virtual address ${address}`, () => assert.equal(uniqueIp(...parts), address));
}

it('of services whose names give the same address each gets one of its own, the first the plain one', () => {
  const services = twins().map((name) => [name, 'istio-system', '', 'kube-service']);
  const addresses = services.map((_, i) => uniqueIpAmong(services.slice(0, i + 1)));
  assert.equal(addresses[0], uniqueIp(...services[0]!));
  assert.equal(addresses[1], uniqueIp(...services[1]!, '#1'));
  assert.notEqual(addresses[0], addresses[1]);
});

/** Two names with the same address: among some thousand names there are always some. */
function twins(): readonly [string, string] {
  const seen = new Map<string, string>();
  for (let i = 0; ; i++) {
    const name = `service-${i}`;
    const address = uniqueIp(name, 'istio-system', '', 'kube-service');
    const twin = seen.get(address);
    if (twin !== undefined) return [twin, name];
    seen.set(address, name);
  }
}
