import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import { NameTableSchema } from './nds.ts';

test('a name table survives the wire and JSON', () => {
  const json = {
    table: { 'api.example.com': { ips: ['240.240.0.1', '2001:2::1'], registry: 'External', altHosts: ['api'] } },
  };
  const table = fromJson(NameTableSchema, json);
  assert.deepEqual(table.table['api.example.com']?.ips, ['240.240.0.1', '2001:2::1']);
  assert.deepEqual(toJson(NameTableSchema, fromBinary(NameTableSchema, toBinary(NameTableSchema, table))), json);
});

test('the bytes are those of fields 1 (table), 1 (ips), 2 (registry), 3 (shortname), 4 (namespace) and 5 (altHosts)', () => {
  const all = create(NameTableSchema, {
    table: { h: { ips: ['i'], registry: 'r', shortname: 's', namespace: 'n', altHosts: ['a'] } },
  });
  const info = '\x0a\x01i\x12\x01r\x1a\x01s\x22\x01n\x2a\x01a';
  assert.equal(Buffer.from(toBinary(NameTableSchema, all)).toString('latin1'), `\x0a\x14\x0a\x01h\x12\x0f${info}`);
});
