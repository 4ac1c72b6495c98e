import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backOff } from './back-off.ts';
import { launchOf } from './launch.ts';
import { parseLogLine } from './log-line.ts';

test('a log line has a level, a component and a message, which may contain tabs', () => {
  assert.deepEqual(parseLogLine('warning\tconfig\tgRPC config\tfailed'), {
    level: 'warning',
    component: 'config',
    message: 'gRPC config\tfailed',
  });
});

test('what is not in the format is an error, for it comes from a crash', () => {
  assert.deepEqual(parseLogLine('Segmentation fault'), { level: 'error', component: 'stderr', message: 'Segmentation fault' });
  assert.equal(parseLogLine('loud\tx\ty').level, 'error');
});

test('pauses double, never exceed half a minute, and differ by chance by no more than half', () => {
  assert.deepEqual(
    [1, 2, 3, 4].map((failures) => backOff(failures, 0)),
    [250, 500, 1000, 2000],
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
      const pause = backOff(failures, random);
      assert.ok(pause >= 125 && pause <= 30_000);
      assert.ok(pause >= backOff(failures, 0) / 2 - 1 && pause <= backOff(failures, 0));
    }),
  );
});

test('Envoy is told how long to drain, what to log, and not to share memory with another one', () => {
  const { command } = launchOf({
    binary: '/e',
    bootstrapPath: '/b',
    rights: { kind: 'as-we-are' },
    drainSeconds: 7,
    parentShutdownSeconds: 9,
    concurrency: 2,
  });
  const text = command.join(' ');
  for (const flags of [
    '--config-path /b',
    '--drain-time-s 7',
    '--parent-shutdown-time-s 9',
    '--concurrency 2',
    '--disable-hot-restart',
    '--log-level warning',
  ])
    assert.ok(text.includes(flags), `${flags} in ${text}`);
});

test('as another user Envoy keeps no right; to mark its packets it keeps that one', {
  skip: process.platform !== 'linux',
}, () => {
  const user = launchOf({ binary: '/root/e', bootstrapPath: '/b', rights: { kind: 'user', uid: 1337, gid: 1338 } });
  assert.match(
    user.command.join(' '),
    /--reuid=1337 --regid=1338 --clear-groups .*--bounding-set=-all --no-new-privs .* \/proc\/self\/fd\/3 /,
  );
  assert.equal(user.binaryAsDescriptor, true);
  const marking = launchOf({ binary: '/e', bootstrapPath: '/b', rights: { kind: 'marking' } });
  assert.match(marking.command.join(' '), /--bounding-set=-all,\+net_admin --pdeathsig KILL -- \/e /);
});
