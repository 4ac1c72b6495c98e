import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainMatch, isServerName, matchMessage } from './match.ts';

test('names are compared in lower case, sorted, each once', () => {
  assert.deepEqual(chainMatch(['B.example', 'a.example', 'b.EXAMPLE'], [])?.serverNames, ['a.example', 'b.example']);
});

test('a star among the names takes every name', () => {
  assert.deepEqual(chainMatch(['*', 'a.example'], []), { serverNames: [], prefixes: [] });
});

test('an address is a prefix of full length, and host bits do not count', () => {
  assert.deepEqual(chainMatch([], ['10.1.2.3', '2001:db8::1', '10.9.9.9/8'])?.prefixes, [
    '10.0.0.0/8',
    '10.1.2.3/32',
    '2001:db8::1/128',
  ]);
});

test('the unspecified address takes every destination', () => {
  assert.deepEqual(chainMatch([], ['10.0.0.0/8', '0.0.0.0/0']), { serverNames: [], prefixes: [] });
});

test('what cannot be matched does not become a match for everything', () => {
  assert.equal(chainMatch(['*foo.example'], []), undefined);
  assert.equal(chainMatch([], ['not-a-network']), undefined);
  assert.deepEqual(chainMatch(['*foo.example', 'a.example'], [])?.serverNames, ['a.example']);
});

test('Envoy matches whole labels', () => {
  assert.deepEqual(['a.b', '*.b', '*', '*b.c', '*-a.b', 'a.*.b', '*.*.b'].map(isServerName), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test('a match for everything is written by leaving it out', () => {
  assert.equal(matchMessage(chainMatch([], [])!), undefined);
});
