import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, readFileText } from '../index.ts';

function errorsOf(kind: string, spec: string): readonly string[] {
  const text = `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: {name: a, namespace: shop}\nspec: ${spec}\n`;
  const { documents } = readFileText({ source: 'test', path: 'a.yaml', text });
  const findings = documents.flatMap((document) => judge(document.value, 'shop').findings);
  return findings.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

test('a delegate may match by regex, which conflicts only with a match of its root', () => {
  const match = "{uri: {regex: '/a.*'}, headers: {x-h: {regex: 'a+'}}, withoutHeaders: {x-n: {regex: 'b'}}}";
  assert.deepEqual(errorsOf('VirtualService', `{http: [{match: [${match}], route: [{destination: {host: a.example}}]}]}`), []);
});

test('maglev needs the size of its table', () => {
  const hash = (maglev: string) =>
    errorsOf(
      'DestinationRule',
      `{host: a.example, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, maglev: ${maglev}}}}}`,
    );
  assert.deepEqual(hash('{}'), ['maglev has no table size']);
  assert.deepEqual(hash('{tableSize: 0}'), ['maglev has no table size']);
  assert.deepEqual(hash('{tableSize: 65537}'), []);
});
