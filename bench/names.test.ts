import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureNames } from './names.ts';

test('one changed name reaches an agent as one row, whatever the number of names; as a table it brings all of them', async () => {
  const [rows, table] = await measureNames({ names: 300, agents: 2, rounds: 1 });
  assert.deepEqual([rows?.form, rows?.resources, table?.form, table?.resources], ['rows', 1, 'table', 1]);
  assert.ok(rows!.bytes < 300, `${rows?.bytes} bytes`);
  assert.ok(table!.bytes > 300 * 30, `${table?.bytes} bytes`);
});
