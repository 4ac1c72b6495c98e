import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, type DescMessage, toBinary } from '@bufbuild/protobuf';
import { StructSchema, ValueSchema } from '@bufbuild/protobuf/wkt';
import { ClusterSchema } from '@sallyport/apis/cluster';
import { ClusterLoadAssignmentSchema } from '@sallyport/apis/endpoint';
import { ListenerSchema } from '@sallyport/apis/listener';
import { registry } from '@sallyport/apis/registry';
import { RouteSchema, VirtualHostSchema } from '@sallyport/apis/route';
import fc from 'fast-check';
import { encoded } from './encoder.ts';
import { randomInit } from './testing/random-message.ts';

// The library knows messages of proto2 too, which Envoy has none of outside of descriptors.
const all = [...registry()].filter((type) => type.kind === 'message' && !type.file.name.startsWith('google/protobuf/descriptor'));
const common = [ClusterSchema, ClusterLoadAssignmentSchema, VirtualHostSchema, RouteSchema, ListenerSchema];

/** The library's way. */
function slow(schema: DescMessage, init: object): Uint8Array {
  return toBinary(schema, create(schema, init as never));
}

test('a message is encoded as the library encodes it, whatever its type and its fields', () => {
  assert.ok(all.length > 500, `${all.length} message types`);
  const cases = fc
    .oneof(fc.constantFrom(...(all as DescMessage[])), fc.constantFrom<DescMessage>(...common))
    .chain((schema) => randomInit(schema).map((init) => ({ schema, init })));
  fc.assert(
    fc.property(cases, ({ schema, init }) => {
      assert.deepEqual(Buffer.from(encoded(schema, init)), Buffer.from(slow(schema, init)), schema.typeName);
    }),
    { numRuns: 2_000 },
  );
});

test('messages that are made already stand inside as they are', () => {
  fc.assert(
    fc.property(randomInit(ClusterLoadAssignmentSchema), (init) => {
      const loadAssignment = create(ClusterLoadAssignmentSchema, init as never);
      assert.deepEqual(encoded(ClusterSchema, { loadAssignment }), slow(ClusterSchema, { loadAssignment }));
    }),
  );
});

test('a Struct inside of a Value is a message, and JSON elsewhere', () => {
  const init = { kind: { case: 'structValue', value: { fields: { a: { kind: { case: 'numberValue', value: 1 } } } } } };
  assert.deepEqual(encoded(ValueSchema, init), slow(ValueSchema, init));
  assert.deepEqual(encoded(StructSchema, { fields: { v: init } }), slow(StructSchema, { fields: { v: init } }));
});

test('a number out of range is refused with the field, and the next message is whole', () => {
  assert.throws(
    () => encoded(ClusterSchema, { name: 'c', perConnectionBufferLimitBytes: -1 }),
    /UInt32Value\.value.*invalid uint32/,
  );
  assert.deepEqual(encoded(ClusterSchema, { name: 'd' }), slow(ClusterSchema, { name: 'd' }));
});
