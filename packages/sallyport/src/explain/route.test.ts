import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonValue } from '@bufbuild/protobuf';
import { requestOf } from './request.ts';
import { chooseRoute } from './route.ts';
import { call, indexOf } from './testing/resources.ts';

type Match = { readonly [key: string]: JsonValue };
type Given = Readonly<Record<string, unknown>>;

function choose(matches: readonly Match[], given: Given) {
  const routes = matches.map((match, i) => ({ name: `r${i}`, match, directResponse: { status: 200 } }));
  const index = indexOf({ routes: [{ name: '80', virtualHosts: [{ name: 'v', domains: ['*'], routes }] }] });
  const virtualHost = index.routes.get('80')!.virtualHosts[0]!;
  return chooseRoute(virtualHost, requestOf(call({ protocol: 'http', host: 'a.example', ...given })));
}

/** Whether a request fits one route. */
const check = (match: Match, given: Given, expected: boolean): void =>
  assert.equal(choose([match], given).chosen !== undefined, expected, `${JSON.stringify(match)} ${JSON.stringify(given)}`);

describe('path', () => {
  test('a prefix is one of letters, a separated prefix one of whole segments', () => {
    check({ prefix: '/api' }, { path: '/apis' }, true);
    check({ pathSeparatedPrefix: '/api' }, { path: '/apis' }, false);
    check({ pathSeparatedPrefix: '/api' }, { path: '/api/x' }, true);
    check({ pathSeparatedPrefix: '/api' }, { path: '/api' }, true);
  });

  test('query and fragment are no part of the path', () => {
    check({ path: '/api' }, { path: '/api?x=/1#y' }, true);
    check({ path: '/api' }, { path: '/api#y?x' }, true);
    check({ path: '/api' }, { path: '/api/' }, false);
    check({ safeRegex: { regex: '/a.i' } }, { path: '/api?x' }, true);
    check({ prefix: '/api?x' }, { path: '/api?x' }, false);
  });

  test('a regular expression must match the whole path, and keeps its case', () => {
    check({ safeRegex: { regex: '/a' } }, { path: '/ab' }, false);
    check({ safeRegex: { regex: '/a|/ab' } }, { path: '/ab' }, true);
    check({ safeRegex: { regex: '/A' }, caseSensitive: false }, { path: '/a' }, false);
    check({ safeRegex: { regex: '(?i)/A' } }, { path: '/a' }, true);
    check({ safeRegex: { regex: '/(' } }, { path: '/(' }, false);
  });

  test('case is folded only where the route says so', () => {
    for (const kind of ['prefix', 'path', 'pathSeparatedPrefix']) {
      check({ [kind]: '/Api' }, { path: '/aPI' }, false);
      check({ [kind]: '/Api', caseSensitive: true }, { path: '/aPI' }, false);
      check({ [kind]: '/Api', caseSensitive: false }, { path: '/aPI' }, true);
    }
  });
});

describe('headers', () => {
  const header = (matcher: Match) => ({ prefix: '/', headers: [{ name: 'X-User', ...matcher }] });
  const sent = (value: string) => ({ headers: { 'x-user': value } });

  test('values are compared as the matcher says', () => {
    check(header({ stringMatch: { exact: 'ann' } }), sent('ann'), true);
    check(header({ stringMatch: { exact: 'ann' } }), sent('Ann'), false);
    check(header({ stringMatch: { exact: 'ann', ignoreCase: true } }), sent('Ann'), true);
    check(header({ stringMatch: { prefix: 'a' } }), sent('ann'), true);
    check(header({ stringMatch: { suffix: 'n' } }), sent('ann'), true);
    check(header({ stringMatch: { contains: 'nn' } }), sent('anna'), true);
    check(header({ stringMatch: { safeRegex: { regex: 'a.' } } }), sent('ann'), false);
    check(header({ stringMatch: { safeRegex: { regex: 'a.*' } } }), sent('ann'), true);
    check(header({ rangeMatch: { start: '1', end: '5' } }), sent('5'), false);
    check(header({ rangeMatch: { start: '1', end: '5' } }), sent('4'), true);
    check(header({ rangeMatch: { start: '1', end: '5' } }), sent('4x'), false);
    check(header({ exactMatch: 'ann' }), sent('ann'), true);
  });

  test('a condition on the value never holds for a missing header, not even inverted', () => {
    check(header({ stringMatch: { exact: 'ann' } }), {}, false);
    check(header({ stringMatch: { exact: 'ann' }, invertMatch: true }), {}, false);
    check(header({ stringMatch: { exact: 'ann' }, invertMatch: true }), sent('bob'), true);
  });

  test('unless missing counts as empty', () => {
    check(header({ stringMatch: { exact: 'ann' }, invertMatch: true, treatMissingHeaderAsEmpty: true }), {}, true);
    check(header({ stringMatch: { safeRegex: { regex: '.*' } }, treatMissingHeaderAsEmpty: true }), {}, true);
    check(header({ stringMatch: { exact: 'ann' }, treatMissingHeaderAsEmpty: true }), {}, false);
  });

  test('presence can be asked for, and absence in two ways', () => {
    check(header({ presentMatch: true }), sent(''), true);
    check(header({ presentMatch: true }), {}, false);
    check(header({ presentMatch: false }), {}, true);
    check(header({ presentMatch: true, invertMatch: true }), {}, true);
    check(header({ presentMatch: true, invertMatch: true }), sent('a'), false);
    check(header({}), sent('a'), true);
    check(header({}), {}, false);
  });

  test('method, authority, scheme and path are headers too', () => {
    const is = (name: string, exact: string) => ({ prefix: '/', headers: [{ name, stringMatch: { exact } }] });
    check(is(':method', 'POST'), { method: 'POST' }, true);
    check(is(':authority', 'a.example'), {}, true);
    check(is('host', 'a.example'), {}, true);
    check(is(':scheme', 'http'), {}, true);
    check(is(':scheme', 'https'), { tls: 'tls' }, true);
    check(is(':path', '/x?y=1'), { path: '/x?y=1' }, true);
  });

  test('names that every object has are no headers', () => {
    check({ prefix: '/', headers: [{ name: 'constructor', presentMatch: true }] }, {}, false);
  });
});

test('query parameters are compared as written, the first of several', () => {
  const is = (exact: string) => ({ prefix: '/', queryParameters: [{ name: 'v', stringMatch: { exact } }] });
  check(is('1'), { path: '/?v=1' }, true);
  check(is('1'), { path: '/?u=0&v=1&v=2' }, true);
  check(is('2'), { path: '/?v=1&v=2' }, false);
  check(is(''), { path: '/?v' }, true);
  check(is(''), { path: '/' }, false);
  check(is('a b'), { path: '/?v=a%20b' }, false);
  check(is('a=b'), { path: '/?v=a=b' }, true);
  check({ prefix: '/', queryParameters: [{ name: 'v', presentMatch: true }] }, { path: '/?v=' }, true);
  check({ prefix: '/', queryParameters: [{ name: 'v' }] }, { path: '/#v' }, false);
});

test('cookies, gRPC and client certificates are looked at', () => {
  const cookie = (more: Match) => ({ prefix: '/', cookies: [{ name: 'c', stringMatch: { exact: '1' }, ...more }] });
  check(cookie({}), { headers: { cookie: 'b=2; c=1' } }, true);
  check(cookie({}), { headers: { cookie: 'b=1' } }, false);
  check(cookie({ invertMatch: true }), {}, true);
  check({ prefix: '/', grpc: {} }, { headers: { 'content-type': 'application/grpc+proto' } }, true);
  check({ prefix: '/', grpc: {} }, { headers: { 'content-type': 'application/grpc-web' } }, false);
  check({ prefix: '/', tlsContext: { presented: true } }, { tls: 'mtls' }, true);
  check({ prefix: '/', tlsContext: { presented: true } }, { tls: 'tls' }, false);
});

test('what only filters know never matches; runtime fractions are ignored', () => {
  const dynamicMetadata = [{ filter: 'f', path: [{ key: 'k' }], value: { presentMatch: true } }];
  check({ prefix: '/', dynamicMetadata }, {}, false);
  check({ prefix: '/', runtimeFraction: { defaultValue: { numerator: 0 } } }, {}, true);
});

test('the first route wins, and the steps say why the others do not', () => {
  const headers = [{ name: 'x', stringMatch: { exact: '1' } }];
  const { chosen, steps } = choose([{ path: '/a' }, { prefix: '/', headers }, { prefix: '/' }, { prefix: '/' }], { path: '/b' });
  assert.equal(chosen?.index, 2);
  assert.deepEqual(steps, [
    { at: 'route', index: 0, name: 'r0', holds: false, held: [], failed: 'path is "/a"' },
    { at: 'route', index: 1, name: 'r1', holds: false, held: ['path starts with "/"'], failed: 'header x = "1"' },
    { at: 'route', index: 2, name: 'r2', holds: true, held: ['path starts with "/"'] },
  ]);
});

test('all conditions have to hold, in whatever order they stand', () => {
  const headers = [
    { name: 'a', stringMatch: { exact: '1' } },
    { name: 'b', stringMatch: { exact: '2' } },
  ];
  for (const list of [headers, headers.toReversed()]) {
    check({ prefix: '/', headers: list }, { headers: { a: '1', b: '2' } }, true);
    check({ prefix: '/', headers: list }, { headers: { a: '1', b: '1' } }, false);
  }
});
