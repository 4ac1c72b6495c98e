import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NameEntry } from './host-names.ts';
import { encodeName, nameTable } from './table.ts';
import { linesOf } from './testing/lines.ts';

const line = (host: string, ip: string, registry: NameEntry['registry'] = 'External'): NameEntry => ({
  host,
  ips: [ip],
  registry,
  shortname: '',
  namespace: '',
});
const tableOf = (...lines: readonly NameEntry[]) => nameTable(lines.map(encodeName));

test('lines become one message, and their order changes neither bytes nor version', () => {
  const [a, b] = [line('a.example', '10.0.0.1'), line('b.example', '10.0.0.2')];
  assert.deepEqual(linesOf(tableOf(b, a).bytes), {
    'a.example': { ips: ['10.0.0.1'], registry: 'External' },
    'b.example': { ips: ['10.0.0.2'], registry: 'External' },
  });
  assert.deepEqual(tableOf(a, b), tableOf(b, a));
  assert.notEqual(tableOf(a).version, tableOf(b).version);
  assert.deepEqual(linesOf(tableOf().bytes), {});
});

test('of two lines with one name the Kubernetes one stays, else the same one whatever the order', () => {
  const [pod, entry, other] = [line('a', '10.0.0.1', 'Kubernetes'), line('a', '10.0.0.2'), line('a', '10.0.0.3')];
  for (const table of [tableOf(pod, entry), tableOf(entry, pod)]) assert.deepEqual(linesOf(table.bytes)['a']?.ips, ['10.0.0.1']);
  assert.equal(tableOf(entry, other).version, tableOf(other, entry).version);
});
