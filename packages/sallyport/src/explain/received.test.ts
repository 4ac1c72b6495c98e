import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes,
  HttpConnectionManagerSchema,
} from '@sallyport/apis/http';
import { received } from './received.ts';
import { call } from './testing/resources.ts';

type Manager = MessageInitShape<typeof HttpConnectionManagerSchema>;
const seen = (manager: Manager, given: Readonly<Record<string, unknown>>) =>
  received(call({ port: 8080, ...given }), create(HttpConnectionManagerSchema, manager));

test('a path is brought into normal form only if the connection manager says so', () => {
  const check = (path: string, expected: string, manager: Manager = { normalizePath: true }) =>
    assert.equal(seen(manager, { path }).path, expected);
  check('/a/../b/./c', '/b/c');
  check('/a/%2e%2e/b', '/b');
  check('/a\\b', '/a/b');
  check('/../../b', '/b');
  check('/a/../b?x=/../y#/../z', '/b?x=/../y#/../z');
  check('//a//b', '//a//b');
  check('/%76%31/%2D%2e%5F%7e%5a?x=%76', '/v1/-._~Z?x=%76');
  check('/a%2Bb%20%3A%40%5B%60%7B%2576', '/a%2Bb%20%3A%40%5B%60%7B%2576');
  check('/a%2Fb', '/a%2Fb');
  check('/a/../b', '/a/../b', {});
  check('//a//b', '/a/b', { mergeSlashes: true });
  check('/a/..//b', '/b', { normalizePath: true, mergeSlashes: true });
  const unescaping = { normalizePath: true, pathWithEscapedSlashesAction: EscapedSlashes.UNESCAPE_AND_FORWARD };
  check('/a%2f..%5Cb', '/b', unescaping);
});

test('port and last dot are cut off the host only if the connection manager says so', () => {
  const check = (manager: Manager, host: string, expected: string) => assert.equal(seen(manager, { host }).host, expected);
  const any: Manager = { stripPortMode: { case: 'stripAnyHostPort', value: true } };
  check({}, 'a.example.:9', 'a.example.:9');
  check(any, 'a.example:9', 'a.example');
  check({ stripMatchingHostPort: true }, 'a.example:8080', 'a.example');
  check({ stripMatchingHostPort: true }, 'a.example:9', 'a.example:9');
  check({ stripTrailingHostDot: true }, 'a.example.', 'a.example');
  check({ stripTrailingHostDot: true }, 'a.example.:9', 'a.example:9');
  check({ stripTrailingHostDot: true, ...any }, 'a.example.:9', 'a.example');
});
