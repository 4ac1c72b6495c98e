import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import * as index from './index.ts';

/** JavaScript drops a name without a word when two `export *` give it different meanings. */
test('index has every name of every module', async () => {
  const modules = readdirSync(import.meta.dirname).filter(
    (name) => name.endsWith('.ts') && !/(\.test|^registry)\.ts$/.test(name),
  );
  assert.ok(modules.length > 15);
  for (const name of modules) {
    const module: Record<string, unknown> = await import(`./${name}`);
    assert.deepEqual(
      Object.keys(module).filter((key) => module[key] !== (index as Record<string, unknown>)[key]),
      [],
      name,
    );
  }
});
