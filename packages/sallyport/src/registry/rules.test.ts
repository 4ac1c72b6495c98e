import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule } from '../model/index.ts';
import { rowsOf, testRegistry } from './testing/registry.ts';

function rulesOf(text: string): readonly Rule[] {
  const registry = testRegistry();
  registry.write(text);
  assert.deepEqual(rowsOf(registry.graph.failures), []);
  return rowsOf(registry.outputs.rules).map(([, rule]) => rule);
}

const rule = (name: string, spec: string, namespace = 'shop') => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
`;
const limit = (n: number) => `trafficPolicy: {connectionPool: {tcp: {maxConnections: ${n}}}}`;
const shape = ({ key, from, subsets, trafficPolicy }: Rule) => ({
  key,
  from: from.map(({ name }) => name),
  subsets: subsets.map(({ name, labels }) => `${name}:${labels?.['v'] ?? ''}`),
  limit: trafficPolicy?.connectionPool?.tcp?.maxConnections,
});

test('a short host is a Kubernetes Service of the rule’s namespace, and capitals do not matter', () => {
  const [one, two] = rulesOf(rule('a', '{host: Web}') + rule('b', '{host: API.example.com}'));
  assert.deepEqual([one?.host, two?.host].sort(), ['api.example.com', 'web.shop.svc.cluster.local']);
});

test('rules of one host and namespace become one: subsets joined, the first traffic policy taken whole', () => {
  const rules = rulesOf(
    rule('z-first', '{host: a.example, subsets: [{name: one, labels: {v: "1"}}]}') +
      rule('second', `{host: a.example, ${limit(2)}, subsets: [{name: one, labels: {v: "9"}}, {name: two, labels: {v: "2"}}]}`) +
      rule('third', `{host: a.example, ${limit(3)}}`) +
      rule('elsewhere', `{host: a.example, ${limit(4)}}`, 'pay'),
  );
  assert.deepEqual(rules.map(shape), [
    { key: 'pay/a.example/0', from: ['elsewhere'], subsets: [], limit: 4 },
    { key: 'shop/a.example/0', from: ['z-first', 'second', 'third'], subsets: ['one:1', 'two:2'], limit: 2 },
  ]);
});

test('rules that export differently stay apart, and one that exports further is also merged into the narrower', () => {
  const rules = rulesOf(
    rule('narrow', '{host: a.example, exportTo: [x], subsets: [{name: one}]}') +
      rule('wide', '{host: a.example, exportTo: [x, z], subsets: [{name: two}]}') +
      rule('other', '{host: a.example, exportTo: [w], subsets: [{name: three}]}'),
  );
  assert.deepEqual(
    rules.map((r) => [r.key, r.from.map(({ name }) => name), r.exportTo]),
    [
      ['shop/a.example/0', ['narrow', 'wide'], { kind: 'namespaces', names: ['x'] }],
      ['shop/a.example/1', ['wide'], { kind: 'namespaces', names: ['x', 'z'] }],
      ['shop/a.example/2', ['other'], { kind: 'namespaces', names: ['w'] }],
    ],
  );
});

test('a rule with a selector comes first, is private, and is merged with none that selects others', () => {
  const rules = rulesOf(
    rule('all', `{host: a.example, ${limit(1)}}`) +
      rule('some', `{host: a.example, exportTo: ["*"], workloadSelector: {matchLabels: {app: b}}, ${limit(2)}}`) +
      rule('others', `{host: a.example, workloadSelector: {matchLabels: {app: c}}, ${limit(3)}}`),
  );
  assert.deepEqual(
    rules.map((r) => [shape(r).from, shape(r).limit, r.selector, r.exportTo.kind]),
    [
      [['some'], 2, { app: 'b' }, 'namespaces'],
      [['others'], 3, { app: 'c' }, 'namespaces'],
      [['all'], 1, undefined, 'public'],
    ],
  );
});

test('a private rule without selector lends its subsets to one with a selector, and still stands for all others', () => {
  const rules = rulesOf(
    rule('all', '{host: a.example, exportTo: [.], subsets: [{name: one}]}') +
      rule('some', `{host: a.example, workloadSelector: {matchLabels: {app: b}}, ${limit(2)}}`),
  );
  assert.deepEqual(rules.map(shape), [
    { key: 'shop/a.example/0', from: ['some', 'all'], subsets: ['one:'], limit: 2 },
    { key: 'shop/a.example/1', from: ['all'], subsets: ['one:'], limit: undefined },
  ]);
});
