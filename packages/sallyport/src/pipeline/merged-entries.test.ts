import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openVector } from './vector.ts';

const entry = (name: string, port: number, exportTo?: readonly string[]) =>
  JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name, namespace: 'shop', creationTimestamp: `2024-01-01T00:00:0${port % 10}Z` },
    spec: {
      hosts: ['a.example'],
      ports: [{ number: port, name: 'http', protocol: 'HTTP' }],
      resolution: 'DNS',
      ...(exportTo && { exportTo }),
    },
  });

/** The clusters of the host for a proxy of its namespace. */
function clusters(...entries: readonly string[]): readonly string[] {
  const { value } = openVector({ config: entries.join('\n---\n') }).generate({ namespace: 'shop', name: 'caller' });
  const named = (value?.clusters ?? []) as readonly { readonly name?: string }[];
  return named.flatMap(({ name = '' }) => (name.startsWith('outbound|') ? [name] : [])).sort();
}

test('two entries of one host are one service if they are for the same namespaces, however that is written', () => {
  const both = ['outbound|80||a.example', 'outbound|81||a.example'];
  assert.deepEqual(clusters(entry('one', 80), entry('two', 81, ['*'])), both);
  assert.deepEqual(clusters(entry('one', 80, ['.']), entry('two', 81, ['shop'])), both);
  assert.deepEqual(clusters(entry('one', 80), entry('two', 81, ['.'])), ['outbound|81||a.example']);
});
