import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agrees, compareOutcome, type Expectation } from './compare.ts';

const both = (expected: Expectation, actual: Expectation, onlyGiven = false): string[] =>
  ([1, 2] as const).flatMap((gate) => compareOutcome(expected, actual, { gate, onlyGiven }));
const detail = (value: unknown): Expectation => ({ error: null, detail: value });

test('an absent field is empty, and empty is empty in any form', () => {
  assert.deepEqual(both({ error: null, route: '' }, { error: null }), []);
  assert.deepEqual(both({ error: null }, { error: null, cluster: 'c' }), ['cluster']);
  assert.deepEqual(both(detail({ action: 'tcp' }), detail({ action: 'tcp', upstreams: [], fault: false })), []);
});

test('fields are told by gate', () => {
  const expected = { error: null, route: 'r', cluster: 'c', detail: { action: 'cluster', timeout: '1s' } };
  const actual = { error: null, route: 's', cluster: 'd', detail: { action: 'tcp', timeout: '2s' } };
  assert.deepEqual(agrees(expected, [], actual), { gate1: ['cluster', 'detail.action'], gate2: ['route', 'detail.timeout'] });
});

test('an expectation without detail says nothing about it; one with detail wants an outcome that has it', () => {
  assert.deepEqual(both({ error: null }, detail({ action: 'tcp' })), []);
  assert.deepEqual(both(detail({ action: 'tcp' }), { error: null }), ['detail.action']);
});

test('only what is given counts, if asked for', () => {
  assert.deepEqual(both({ cluster: 'c' }, { error: 'NoRoute', cluster: 'c', listener: 'l' }, true), []);
  assert.deepEqual(both({ cluster: '' }, { cluster: 'c' }, true), ['cluster']);
  assert.deepEqual(both({ detail: { action: 'tcp' } }, detail({ action: 'tcp', timeout: '1s' }), true), []);
});

test('upstreams, names and copies are sets, endpoints a bag, weights and protocols lists', () => {
  const same = (expected: unknown, actual: unknown, is: boolean) =>
    assert.equal(both(detail(expected), detail(actual)).length === 0, is, JSON.stringify([expected, actual]));
  const up = (more: object) => ({ upstreams: [{ cluster: 'c', exists: true, ...more }] });
  same(
    { upstreams: [{ cluster: 'a' }, { cluster: 'b' }] },
    { upstreams: [{ cluster: 'b' }, { cluster: 'a' }, { cluster: 'a' }] },
    true,
  );
  same({ mirrors: ['a', 'b'] }, { mirrors: ['b', 'a'] }, true);
  same({ weighted: [{ cluster: 'a' }, { cluster: 'b' }] }, { weighted: [{ cluster: 'b' }, { cluster: 'a' }] }, false);
  same(up({ endpoints: ['a', 'a', 'b'] }), up({ endpoints: ['b', 'a', 'a'] }), true);
  same(up({ endpoints: ['a', 'a', 'b'] }), up({ endpoints: ['a', 'b', 'b'] }), false);
  same(up({ endpoints: [] }), up({}), true);
  same(up({ tls: { always: { sans: ['a', 'b'] } } }), up({ tls: { always: { sans: ['b', 'a'] } } }), true);
  same(up({ tls: { always: { alpn: ['a', 'b'] } } }), up({ tls: { always: { alpn: ['b', 'a'] } } }), false);
  same(up({ tls: { always: {} } }), up({}), false);
  same({ upstreams: [{ cluster: 'c', exists: true }] }, { upstreams: [{ cluster: 'c', exists: false }] }, false);
});

test('the keys of an object stand in no order', () => {
  assert.deepEqual(both(detail({ redirect: { a: 1, b: 2 } }), detail({ redirect: { b: 2, a: 1 } })), []);
});

test('of several outcomes the nearest counts', () => {
  const actual = { error: null, cluster: 'c', route: 'r' };
  assert.deepEqual(agrees({ error: 'NoRoute' }, [{ error: null, cluster: 'c', route: 'r' }], actual), { gate1: [], gate2: [] });
  assert.deepEqual(agrees({ error: 'NoRoute' }, [{ error: null, cluster: 'c' }, { error: null }], actual), {
    gate1: [],
    gate2: ['route'],
  });
});
