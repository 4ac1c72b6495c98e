import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { adminClient } from '../admin/client.ts';
import { freePort, type RunningControlPlane, running, sallyport } from './testing/sallyport.ts';

const entry = (name: string) => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}}
spec:
  hosts: [${name}.example.com]
  resolution: DNS
  ports: [{number: 80, name: http, protocol: HTTP}]
`;

describe('sallyport run', () => {
  let folder: string;
  let directory: string;
  let runtime: string;
  let control: RunningControlPlane;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'run-'));
    [directory, runtime] = [join(folder, 'not', 'there', 'yet'), join(folder, 'run')];
    control = await running(directory, runtime);
  });
  after(async () => {
    await control?.end();
    await rm(folder, { recursive: true, force: true });
  });

  const apply = (input: string, ...more: string[]) =>
    sallyport(['apply', '-f', '-', '-n', 'shop', '--runtime-dir', runtime, ...more], { input });
  const objects = async () => (await adminClient(join(runtime, 'admin', 'admin.sock')).status()).objects;

  test('makes the directory if it is not there', async () => {
    assert.ok((await stat(directory)).isDirectory());
  });

  test('refuses a second one on the same runtime directory', async () => {
    const again = await sallyport(['run', '-f', folder, '--runtime-dir', runtime, '--xds', `127.0.0.1:${await freePort()}`]);
    assert.equal(again.code, 3);
    assert.match(again.err, /a control plane is already running here/);
  });

  test('says that a port is taken, and by which option another is given', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const args = ['run', '-f', join(folder, 'x'), '--runtime-dir', join(folder, 'second'), '--xds', `127.0.0.1:${port}`];
    const { code, err } = await sallyport(args);
    other.close();
    assert.equal(code, 3);
    assert.match(err, new RegExp(`127\\.0\\.0\\.1:${port} is taken by another program; give another address with --xds`));
  });

  test('serves nobody but this machine', async () => {
    const args = [
      'run',
      '-f',
      join(folder, 'x'),
      '--runtime-dir',
      join(folder, 'second'),
      '--xds',
      `0.0.0.0:${await freePort()}`,
    ];
    const { code, err } = await sallyport(args);
    assert.equal(code, 3);
    assert.match(err, /loopback/);
  });

  test('takes documents that apply writes, and tells what became of each', async () => {
    const first = await apply(entry('one'), '-o', 'json');
    assert.equal(first.code, 0, first.err);
    const { objects: written } = JSON.parse(first.out) as { objects: { key: object; action: string; file: string }[] };
    assert.deepEqual(
      written.map(({ key, action, file }) => [key, action, file.replace(directory, '')]),
      [[{ kind: 'ServiceEntry', namespace: 'shop', name: 'one' }, 'created', '/shop/serviceentry-one.yaml']],
    );
    assert.match((await apply(entry('one'))).out, /^serviceentry\/one unchanged in shop\n$/);
    assert.match((await apply(entry('one').replace('DNS', 'NONE'))).out, /^serviceentry\/one configured in shop\n$/);
    assert.equal(await objects(), 1);
  });

  test('writes the good documents of an input and not the bad one', async () => {
    const bad = entry('bad').replace('resolution: DNS', 'resolution: MAYBE');
    const { code, out, err } = await apply([entry('two'), bad, entry('three')].join('---\n'));
    assert.equal(code, 1);
    assert.equal(out, 'serviceentry/two created in shop\nserviceentry/three created in shop\n');
    assert.match(err, /^-:14:\d+ error INVALID_VALUE .*MAYBE/m);
    assert.equal(await objects(), 3);
  });

  test('loses nothing that is applied at the same time', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `same-${i}`);
    const all = await Promise.all(names.map((name) => apply(entry(name))));
    assert.deepEqual(
      all.map(({ code }) => code),
      names.map(() => 0),
    );
    assert.equal(await objects(), 3 + names.length);
    const files = await readdir(join(directory, 'shop'));
    for (const name of names) assert.ok(files.includes(`serviceentry-${name}.yaml`));
  });

  test('forgets what delete names, by kind and name or by file', async () => {
    const before = await objects();
    const remove = (...args: string[]) => sallyport(['delete', '-n', 'shop', '--runtime-dir', runtime, ...args]);
    assert.match((await remove('serviceentry', 'one')).out, /^serviceentry\/one deleted in shop\n$/);
    await writeFile(join(folder, 'two.yaml'), entry('two'));
    assert.match((await remove('-f', join(folder, 'two.yaml'))).out, /^serviceentry\/two deleted in shop\n$/);
    assert.equal(await objects(), before - 2);
    const nothing = await remove('ServiceEntry', 'one');
    assert.equal(nothing.out, '');
    assert.match(nothing.err, /has no .*one/);
  });

  test('shows a file that people can read, as they wrote it', async () => {
    assert.match(await readFile(join(directory, 'shop', 'serviceentry-three.yaml'), 'utf8'), /hosts: \[three\.example\.com\]/);
  });

  test('ends at once when it is told to, with exit code 0, and takes its sockets away', async () => {
    const asked = performance.now();
    assert.equal(await control.end('SIGTERM'), 0);
    assert.ok(performance.now() - asked < 3_000);
    await assert.rejects(stat(join(runtime, 'admin', 'admin.sock')));
    await assert.rejects(stat(join(runtime, 'xds', 'xds.sock')));
  });
});
