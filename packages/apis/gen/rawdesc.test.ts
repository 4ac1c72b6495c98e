import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRawDesc } from './rawdesc.ts';

const check = (goSource: string, expected: string): void =>
  assert.equal(Buffer.from(readRawDesc(goSource)).toString('hex'), Buffer.from(expected, 'latin1').toString('hex'));

test('a string constant over several lines is read', () => {
  check(
    'package a\n\nconst file_a_proto_rawDesc = "" +\n\t"\\n" +\n\t"\\aa.proto\\x12\\x01p"\n\nvar (\n',
    '\n\x07a.proto\x12\x01p',
  );
});

test('a byte slice is read', () => {
  check('var file_a_proto_rawDesc = []byte{\n\t0x0a, 0x07, 0x61,\n\t0xff,\n}\n\nvar x = []byte{0x01}', '\n\x07a\xff');
});

test('a character beyond ASCII stands for its UTF-8 bytes, an escape for one byte', () => {
  check('const file_a_proto_rawDesc = "" + "\\x9aň"', '\x9a\xc5\x88');
});

test('every escape Go writes is understood', () => {
  check(
    String.raw`const file_a_proto_rawDesc = "" + "\a\b\t\n\v\f\r\"\\\x00\177\u0148\U0001f600"`,
    '\x07\x08\t\n\v\f\r"\\\x00\x7f\xc5\x88\xf0\x9f\x98\x80',
  );
});

test('a quotation mark inside does not end the string', () => {
  check(String.raw`const file_a_proto_rawDesc = "" + "a\"b\\" + "c"`, 'a"b\\c');
});

test('another form is an error and not an empty descriptor', () => {
  assert.throws(() => readRawDesc('var file_a_proto_rawDesc = load()'), /no _rawDesc/);
});
