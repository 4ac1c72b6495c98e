import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HttpMatchRequest, RouteMatcher } from '../../../model/index.ts';
import { bothMatch, matchOf } from './matcher.ts';

const check = (matcher: RouteMatcher, match: HttpMatchRequest) => assert.deepEqual(matchOf(matcher), { match });
const both = (a: HttpMatchRequest, b: HttpMatchRequest, expected: HttpMatchRequest) => {
  assert.deepEqual(bothMatch(a, b), { match: expected });
  assert.deepEqual(bothMatch(b, a), { match: expected }, 'the other way round');
};
const never = (a: HttpMatchRequest, b: HttpMatchRequest) => {
  assert.ok('conflict' in bothMatch(a, b));
  assert.ok('conflict' in bothMatch(b, a));
};

describe('a matcher of a RouteTable', () => {
  it('keeps paths, and cases of letters only where they count', () => {
    check({ uri: { exact: '/a' } }, { uri: { exact: '/a' } });
    check({ uri: { prefix: '/a', ignoreCase: true } }, { uri: { prefix: '/a' }, ignoreUriCase: true });
    check({ uri: { regex: '/a.*', ignoreCase: true } }, { uri: { regex: '/a.*' } });
  });
  it('asks for the presence of a header that it gives no value', () => {
    check({ headers: [{ name: 'x' }] }, { headers: { x: {} } });
    check({ headers: [{ name: 'x', invertMatch: true }] }, { withoutHeaders: { x: {} } });
  });
  it('turns inverted headers, expressions, parameters, method and port into their Istio form', () => {
    check(
      {
        headers: [
          { name: 'a', value: '1' },
          { name: 'b', value: '[0-9]+', regex: true },
          { name: 'c', value: '2', invertMatch: true },
        ],
        queryParameters: [
          { name: 'q', value: 'v' },
          { name: 'r', value: 'v.*', regex: true },
        ],
        method: 'GET',
        port: 8080,
      },
      {
        headers: { a: { exact: '1' }, b: { regex: '[0-9]+' } },
        withoutHeaders: { c: { exact: '2' } },
        queryParams: { q: { exact: 'v' }, r: { regex: 'v.*' } },
        method: { exact: 'GET' },
        port: 8080,
      },
    );
  });
  it('joins conditions on one header, and says which contradict each other', () => {
    check({ headers: [{ name: 'x' }, { name: 'x', value: '1' }] }, { headers: { x: { exact: '1' } } });
    check(
      {
        headers: [
          { name: 'x', value: 'a.b', invertMatch: true },
          { name: 'x', value: 'c', invertMatch: true },
        ],
      },
      { withoutHeaders: { x: { regex: 'a\\.b|c' } } },
    );
    assert.deepEqual(
      matchOf({
        headers: [
          { name: 'x', value: '1' },
          { name: 'x', value: '2' },
        ],
      }),
      { conflict: 'x 1 and 2' },
    );
  });
});

describe('two matchers at once', () => {
  it('are the narrower path', () => {
    both({ uri: { prefix: '/a' } }, { uri: { prefix: '/a/b' } }, { uri: { prefix: '/a/b' } });
    both({ uri: { prefix: '/a' } }, { uri: { exact: '/a/b' } }, { uri: { exact: '/a/b' } });
    both({ uri: { regex: '/a/.*' } }, { uri: { exact: '/a/b' } }, { uri: { exact: '/a/b' } });
    both({}, { uri: { prefix: '/a' } }, { uri: { prefix: '/a' } });
  });
  it('fold letters only where the wider one does', () => {
    both({ uri: { prefix: '/A' }, ignoreUriCase: true }, { uri: { prefix: '/a/b' } }, { uri: { prefix: '/a/b' } });
    never({ uri: { prefix: '/a' } }, { uri: { prefix: '/a/b' }, ignoreUriCase: true });
  });
  it('are nothing where no request can fit both, or no expression says it', () => {
    never({ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } });
    never({ uri: { exact: '/a' } }, { uri: { exact: '/b' } });
    never({ uri: { regex: '/a.*' } }, { uri: { prefix: '/a' } });
    never({ method: { exact: 'GET' } }, { method: { exact: 'POST' } });
    never({ port: 80 }, { port: 81 });
  });
  it('are all conditions on headers and parameters', () => {
    both(
      { headers: { a: { exact: '1' } }, withoutHeaders: { c: {} } },
      { headers: { b: {} }, queryParams: { q: {} }, withoutHeaders: { c: { exact: 'x' } } },
      { headers: { a: { exact: '1' }, b: {} }, queryParams: { q: {} }, withoutHeaders: { c: {} } },
    );
  });
  it('match exactly the paths that each of them matches', () => {
    const path = fc.stringMatching(/^\/[ab]{0,3}$/);
    const uri = fc.oneof(
      path.map((exact) => ({ uri: { exact } })),
      path.map((prefix) => ({ uri: { prefix } })),
      fc.constant({}),
    );
    const fits = ({ uri: one }: HttpMatchRequest, text: string) =>
      one === undefined || (one.exact !== undefined ? text === one.exact : text.startsWith(one.prefix ?? ''));
    fc.assert(
      fc.property(uri, uri, path, (a: HttpMatchRequest, b: HttpMatchRequest, text) => {
        const one = bothMatch(a, b);
        assert.equal('match' in one && fits(one.match, text), fits(a, text) && fits(b, text));
      }),
    );
  });
});
