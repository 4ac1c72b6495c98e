import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { missingForCapture, openNamespace } from 'sallyport/agent/capture/index.ts';
import { findTool } from 'sallyport/agent/tools.ts';

const run = promisify(execFile);

test('a namespace with reach outside goes out through pasta and does not see the loopback of the machine; or pasta is asked for', async () => {
  const missing = await missingForCapture('root', 'outside');
  if (findTool('pasta') === undefined) {
    assert.deepEqual(
      missing.map(({ mend }) => mend),
      ['apt install passt, or use --mode proxy, which needs none of this'],
    );
    return;
  }
  assert.deepEqual(missing, []);
  // The outside world: a machine with an interface, a default route, and servers on every address and on loopback alone.
  const world = await openNamespace({ variant: 'root', reach: 'lab' });
  const inWorld = (...command: string[]) => {
    const [file = '', ...args] = world.inside(command);
    return run(file, args);
  };
  try {
    await inWorld('ip', 'link', 'add', 'out0', 'type', 'veth', 'peer', 'name', 'out1');
    await inWorld('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'out0');
    for (const name of ['out0', 'out1']) await inWorld('ip', 'link', 'set', name, 'up');
    await inWorld('ip', 'route', 'add', 'default', 'via', '192.0.2.254');
    const server = `const { createServer } = require('node:http');
      createServer((_, r) => r.end('loopback')).listen(81, '127.0.0.1');
      createServer((_, r) => r.end('world')).listen(80, '0.0.0.0', () => console.log('listening'));`;
    const [file = '', ...args] = world.inside([process.execPath, '--eval', server]);
    await once(spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout, 'data');
    const { stdout } = await inWorld(process.execPath, fileURLToPath(import.meta.resolve('./testing/outside-calls.ts')));
    assert.deepEqual(JSON.parse(stdout), {
      '198.51.100.10:80': 'world 200',
      '127.0.0.1:80': '000',
      '127.0.0.1:81': '000',
      // The gateway, by which pasta means the machine's loopback unless told otherwise.
      '192.0.2.254:81': '000',
      'exit code': '7',
      signal: '143',
      user: '65',
    });
  } finally {
    await world.close();
  }
  const named = await readdir('/run/netns').catch(() => []);
  assert.deepEqual(
    named.filter((name) => name.startsWith('sallyport-')),
    [],
  );
});
