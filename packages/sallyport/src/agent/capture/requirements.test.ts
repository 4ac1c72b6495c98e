import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findTool } from '../tools.ts';
import { missingForCapture, variantFor } from './requirements.ts';

test('root captures by user id, everybody else without root', () => {
  assert.equal(variantFor(0), 'root');
  assert.equal(variantFor(1000), 'rootless');
});

test('a missing program is named with its purpose, its package, and what works without it', {
  skip: process.platform !== 'linux',
}, async () => {
  // pasta is in no folder for administrators, so an empty PATH hides it on every machine.
  const missing = await missingForCapture('rootless', 'outside', { PATH: '' });
  const pasta = missing.find(({ what }) => what.startsWith('pasta '));
  assert.deepEqual(pasta, {
    what: 'pasta is missing, which connects the network namespace to the outside world',
    mend: 'apt install passt, or use --mode proxy, which needs none of this',
  });
});

test('programs are found on PATH first; a folder of that name, or a file that cannot be run, is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tools-'));
  const path = join(folder, 'sallyport-tool');
  await writeFile(path, '#!/bin/sh\n', { mode: 0o644 });
  assert.equal(findTool('sallyport-tool', { PATH: folder }), undefined);
  await chmod(path, 0o755);
  assert.equal(findTool('sallyport-tool', { PATH: `/nowhere:${folder}` }), path);
  assert.equal(findTool(folder.split('/').at(-1)!, { PATH: tmpdir() }), undefined);
  await rm(folder, { recursive: true });
});
