import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openAuthority } from './store.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'ca-'));
  folder = join(parent, 'state', 'ca');
});
afterEach(() => rmSync(parent, { recursive: true }));

const open = () => openAuthority(folder, 'cluster.local', Date.now);

test('a root that was made is found again', async () => {
  const { roots } = await open();
  assert.equal((await open()).roots, roots);
  assert.equal(readFileSync(join(folder, 'root-cert.pem'), 'utf8'), roots);
});

test('nobody else can read the key, and nothing else is left', async () => {
  await open();
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, 'root-key.pem')).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder).sort(), ['root-cert.pem', 'root-key.pem']);
  assert.deepEqual(readdirSync(join(parent, 'state')), ['ca']);
});

test('of many that begin at once all use one root', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, open));
  assert.equal(new Set(all.map(({ roots }) => roots)).size, 1);
  assert.deepEqual(readdirSync(join(parent, 'state')), ['ca']);
});

test('an empty folder that is there already is used', async () => {
  mkdirSync(folder, { recursive: true });
  await open();
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('a lost key or certificate is never silently replaced', async () => {
  for (const name of ['root-key.pem', 'root-cert.pem']) {
    rmSync(folder, { recursive: true, force: true });
    await open();
    rmSync(join(folder, name));
    await assert.rejects(open(), { code: 'FILE', message: new RegExp(`${name} cannot be read.*move the folder away`) });
    assert.equal(readdirSync(folder).length, 1);
  }
});

test('a key that others can read is refused', async () => {
  await open();
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(join(folder, 'root-key.pem'), mode);
    await assert.rejects(open(), { code: 'FILE', message: /root-key\.pem is open to others.*chmod 600/ });
  }
});

test('a link in place of the key is not followed', async () => {
  await open();
  renameSync(join(folder, 'root-key.pem'), join(parent, 'key'));
  symlinkSync(join(parent, 'key'), join(folder, 'root-key.pem'));
  await assert.rejects(open(), { code: 'FILE' });
});

test('damaged material and another trust domain are refused with a sentence', async () => {
  await open();
  await assert.rejects(openAuthority(folder, 'other.test', Date.now), {
    code: 'FILE',
    message: /not for spiffe:\/\/other\.test/,
  });
  writeFileSync(join(folder, 'root-cert.pem'), 'torn');
  await assert.rejects(open(), { code: 'FILE', message: /cannot be read/ });
});
