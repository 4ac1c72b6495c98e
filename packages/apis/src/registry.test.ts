import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, equals, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import { anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import { ClusterSchema, HttpUpstreamOptionsSchema } from './cluster.ts';
import { TypedExtensionConfigSchema } from './core.ts';
import { ClusterLoadAssignmentSchema } from './endpoint.ts';
import { ListenerSchema } from './listener.ts';
import { NameInfoSchema, NameTableSchema } from './nds.ts';
import { registry } from './registry.ts';
import { RouteConfigurationSchema, VirtualHostSchema } from './route.ts';
import { SecretSchema } from './tls.ts';
import { typeUrl } from './type-urls.ts';

const optionsKey = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

test('a cluster with typed options survives JSON and bytes', () => {
  const options = create(HttpUpstreamOptionsSchema, {
    upstreamProtocolOptions: {
      case: 'explicitHttpConfig',
      value: { protocolConfig: { case: 'http2ProtocolOptions', value: { maxConcurrentStreams: 100 } } },
    },
  });
  const cluster = create(ClusterSchema, {
    name: 'outbound|443||api.example.com',
    connectTimeout: { seconds: 2n, nanos: 500_000_000 },
    typedExtensionProtocolOptions: { [optionsKey]: anyPack(HttpUpstreamOptionsSchema, options) },
  });

  const json = toJson(ClusterSchema, cluster, { registry: registry() });
  assert.deepEqual(json, {
    name: 'outbound|443||api.example.com',
    connectTimeout: '2.500s',
    typedExtensionProtocolOptions: {
      [optionsKey]: {
        '@type': `type.googleapis.com/${optionsKey}`,
        explicitHttpConfig: { http2ProtocolOptions: { maxConcurrentStreams: 100 } },
      },
    },
  });

  const back = fromJson(ClusterSchema, json, { registry: registry() });
  assert.ok(equals(ClusterSchema, fromBinary(ClusterSchema, toBinary(ClusterSchema, back)), cluster));
  assert.ok(
    equals(
      HttpUpstreamOptionsSchema,
      anyUnpack(back.typedExtensionProtocolOptions[optionsKey]!, HttpUpstreamOptionsSchema)!,
      options,
    ),
  );
});

test('field names as Envoy’s documentation writes them are read too', () => {
  const cluster = fromJson(ClusterSchema, { name: 'a', lb_policy: 'RING_HASH', connect_timeout: '1s' });
  assert.deepEqual(toJson(ClusterSchema, cluster), { name: 'a', lbPolicy: 'RING_HASH', connectTimeout: '1s' });
});

test('each type URL names the schema it is meant for', () => {
  const schemas = {
    cluster: ClusterSchema,
    endpoints: ClusterLoadAssignmentSchema,
    listener: ListenerSchema,
    route: RouteConfigurationSchema,
    virtualHost: VirtualHostSchema,
    secret: SecretSchema,
    extension: TypedExtensionConfigSchema,
    nameTable: NameTableSchema,
    nameRow: NameInfoSchema,
  } satisfies Record<keyof typeof typeUrl, unknown>;
  for (const [name, url] of Object.entries(typeUrl)) {
    assert.equal(url, `type.googleapis.com/${schemas[name as keyof typeof typeUrl].typeName}`);
    assert.ok(registry().getMessage(url.slice('type.googleapis.com/'.length)), url);
  }
});
