import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { clone } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { files } from './gen/files.js';
import { differences, elements } from './testing/elements.ts';
import { embeddedDescriptors } from './testing/scan.ts';

function envoyBinary(): string {
  const path = process.env['ENVOY_PATH'];
  assert.ok(path, 'ENVOY_PATH must name an Envoy binary: this test compares our API with the one compiled into it.');
  return path;
}

const ours = files.map((file) => file.proto).filter((file) => file.name.startsWith('envoy/'));

test('every message, field and enum value of ours is the same in the Envoy binary', () => {
  const inProgram = embeddedDescriptors(readFileSync(envoyBinary()));
  assert.deepEqual(
    ours.flatMap((file) => differences(file, inProgram.get(file.name) ?? [])),
    [],
  );
  // A scan or a listing that finds nothing would find no difference either.
  assert.ok(inProgram.size > 400, `only ${inProgram.size} descriptors found`);
  assert.ok(ours.reduce((sum, file) => sum + elements(file).size, 0) > 3000);
});

test('a changed number, type, oneof or enum value is noticed', () => {
  const cluster = ours.find((file) => file.name === 'envoy/config/cluster/v3/cluster.proto')!;
  const check = (change: (file: FileDescriptorProto) => void, expected: string[]): void => {
    const changed = clone(FileDescriptorProtoSchema, cluster);
    change(changed);
    assert.deepEqual(differences(cluster, [cluster, changed]), expected);
  };
  const message = (file: FileDescriptorProto) => file.messageType.find((m) => m.name === 'Cluster')!;
  const field = (file: FileDescriptorProto, name: string) => message(file).field.find((f) => f.name === name)!;
  const name = 'envoy.config.cluster.v3.Cluster';

  check(() => {}, []);
  check(
    (file) => {
      field(file, 'name').number = 99;
    },
    [`${name}.name: 1 OPTIONAL STRING here, 99 OPTIONAL STRING in the program`],
  );
  check(
    (file) => {
      message(file).field = message(file).field.filter((f) => f.name !== 'name');
    },
    [`${name}.name: 1 OPTIONAL STRING here, nothing in the program`],
  );
  check(
    (file) => {
      message(file).oneofDecl[field(file, 'type').oneofIndex]!.name = 'other';
    },
    ['type', 'cluster_type'].map((f) => {
      const what = elements(cluster).get(`${name}.${f}`)!;
      return `${name}.${f}: ${what} here, ${what.replace('cluster_discovery_type', 'other')} in the program`;
    }),
  );
  check(
    (file) => {
      message(file).enumType.find((e) => e.name === 'LbPolicy')!.value[1]!.number = 77;
    },
    [`${name}.LbPolicy.LEAST_REQUEST: 1 here, 77 in the program`],
  );
  assert.deepEqual(differences(cluster, []), ['envoy/config/cluster/v3/cluster.proto: not in the program']);
});
