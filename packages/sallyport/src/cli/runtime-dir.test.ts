import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { closedFolder, runtimeDir } from './runtime-dir.ts';

test('a folder that others may not pass is named, whether or not what is in it is there yet', async () => {
  const top = await mkdtemp(join(tmpdir(), 'runtime-'));
  try {
    await mkdir(join(top, 'a', 'b'), { recursive: true });
    await chmod(top, 0o711);
    assert.equal(await closedFolder(join(top, 'a', 'b')), undefined);
    await chmod(join(top, 'a'), 0o700);
    assert.equal(await closedFolder(join(top, 'a', 'b', 'not', 'there')), join(top, 'a'));
  } finally {
    await rm(top, { recursive: true, force: true });
  }
});

test('the option comes before the environment, and that before the place of the user', () => {
  const env = { SALLYPORT_RUNTIME_DIR: '/run/mesh', XDG_RUNTIME_DIR: '/run/user/7' };
  assert.equal(runtimeDir('/here', env).root, '/here');
  assert.equal(runtimeDir(undefined, env).root, '/run/mesh');
  assert.equal(runtimeDir(undefined, { XDG_RUNTIME_DIR: '/run/user/7' }).admin, '/run/user/7/sallyport/admin/admin.sock');
});
