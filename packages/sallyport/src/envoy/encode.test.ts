import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { CaresDnsResolverConfigSchema } from '@sallyport/apis/cluster';
import { ClusterLoadAssignmentSchema, LocalityLbEndpointsSchema } from '@sallyport/apis/endpoint';
import fc from 'fast-check';
import { anyOf, assembled, durationOf, encode, resource } from './encode.ts';

const localities = fc.array(
  fc.record({
    locality: fc.record({ region: fc.string(), zone: fc.string() }),
    priority: fc.nat(300),
    loadBalancingWeight: fc.nat(100_000),
  }),
  { maxLength: 40 },
);

test('a list joined from encoded items is the message encoded whole', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), localities, (clusterName, endpoints) => {
      const whole = encode(ClusterLoadAssignmentSchema, { clusterName, endpoints });
      const items = endpoints.map((item) => encode(LocalityLbEndpointsSchema, item));
      const head = encode(ClusterLoadAssignmentSchema, { clusterName });
      assert.deepEqual(assembled('endpoints', 'x', head, [{ field: 2, bytes: items }]).bytes, whole);
    }),
  );
});

test('an item longer than two length bytes can say is joined rightly', () => {
  const item = encode(LocalityLbEndpointsSchema, { locality: { region: 'r'.repeat(70_000) } });
  const head = encode(ClusterLoadAssignmentSchema, { clusterName: 'c' });
  const { bytes } = assembled('endpoints', 'c', head, [{ field: 2, bytes: [item, item] }]);
  const read = fromBinary(ClusterLoadAssignmentSchema, bytes);
  assert.deepEqual(
    read.endpoints.map((e) => e.locality?.region.length),
    [70_000, 70_000],
  );
});

test('the version of a joined list depends on its content, not on which arrays hold it', () => {
  const item = (region: string) => encode(LocalityLbEndpointsSchema, { locality: { region } });
  const head = () => encode(ClusterLoadAssignmentSchema, { clusterName: 'c' });
  const versionOfList = (...bytes: Uint8Array[]) => assembled('endpoints', 'c', head(), [{ field: 2, bytes }]).version;
  assert.equal(versionOfList(item('a'), item('b')), versionOfList(item('a'), item('b')));
  assert.notEqual(versionOfList(item('a'), item('b')), versionOfList(item('b'), item('a')));
  assert.notEqual(versionOfList(item('a')), versionOfList(item('a'), item('a')));
});

test('equal messages have equal versions and different ones different versions', () => {
  const made = (clusterName: string) => resource('endpoints', clusterName, ClusterLoadAssignmentSchema, { clusterName });
  assert.equal(made('a').version, made('a').version);
  assert.notEqual(made('a').version, made('b').version);
});

test('an extension carries its type and its content', () => {
  const any = anyOf(CaresDnsResolverConfigSchema, { udpMaxQueries: 100 });
  assert.equal(any.typeUrl, 'type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig');
  assert.equal(anyUnpack(any, CaresDnsResolverConfigSchema)?.udpMaxQueries, 100);
});

test('durations are read in Go and protojson spelling', () => {
  const parts = (text: string | undefined) => {
    const read = durationOf(text);
    return read && [read.seconds, read.nanos];
  };
  assert.deepEqual(parts('1m30s'), [90n, 0]);
  assert.deepEqual(parts('0.100s'), [0n, 100_000_000]);
  assert.deepEqual(parts('0s'), [0n, 0]);
  assert.equal(parts('soon'), undefined);
  assert.equal(parts(undefined), undefined);
});
