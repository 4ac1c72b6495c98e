import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { NamesReply } from '../admin/api.ts';
import { adminClient } from '../admin/client.ts';
import { freePort, type RunningControlPlane, running, sallyport } from './testing/sallyport.ts';

const entry = (name: string, host: string, more = '') => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [${host}]
  resolution: DNS
  ports: [{number: 5432, name: tcp, protocol: TCP}]
${more}`;

const LEDGER = ['--vip', 'ledger'];

describe('sallyport names', () => {
  let folder: string;
  let directory: string;
  let runtime: string;
  let control: RunningControlPlane;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'names-'));
    [directory, runtime] = [join(folder, 'mesh'), join(folder, 'run')];
    await mkdir(directory);
    await writeFile(join(directory, 'db.yaml'), entry('db', 'my-remote-db.com'));
    await writeFile(join(directory, 'own.yaml'), entry('own', 'own.example.com', '  addresses: [10.1.2.3]\n  exportTo: ["."]\n'));
    control = await running(directory, runtime, LEDGER);
  });
  after(async () => {
    await control?.end();
    await rm(folder, { recursive: true, force: true });
  });

  const admin = () => adminClient(join(runtime, 'admin', 'admin.sock'));
  const names = (...args: string[]) => sallyport(['names', '--runtime-dir', runtime, ...args]);
  const addresses = async (host: string) => (await admin().names(host)).names[0]?.addresses;
  const until = async (fits: () => Promise<boolean>) => {
    while (!(await fits())) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  test('shows hosts, their addresses, who declares them and who sees them', async () => {
    const [four, six] = (await addresses('my-remote-db.com'))!;
    const { code, out } = await names();
    assert.equal(code, 0);
    const lines = out.trimEnd().split('\n');
    assert.match(lines[0]!, /^HOST +ADDRESSES +SINCE +DECLARED BY +SEEN BY$/);
    assert.deepEqual(
      lines.slice(1).map((line) => line.split(/ {2,}/)),
      [
        [
          'my-remote-db.com',
          `${four}, ${six}`,
          lines[1]!.split(/ {2,}/)[2]!,
          `${join(directory, 'db.yaml')}:1`,
          'all namespaces',
        ],
        ['own.example.com', '10.1.2.3', `${join(directory, 'own.yaml')}:1`, 'shop'],
      ],
    );
    assert.match(lines[1]!, / \d+ s /);
  });

  test('gives one host in full, for machines too', async () => {
    const reply = JSON.parse((await names('My-Remote-DB.com', '-o', 'json')).out) as NamesReply;
    assert.deepEqual(reply, {
      names: [
        {
          host: 'my-remote-db.com',
          addresses: await addresses('my-remote-db.com'),
          from: 'ledger',
          since: reply.names[0]?.since,
          owners: [{ kind: 'ServiceEntry', namespace: 'shop', name: 'db', file: join(directory, 'db.yaml'), line: 1 }],
          seenBy: { namespaces: '*', proxies: [] },
        },
      ],
      resting: [],
    });
    const { out } = await names('my-remote-db.com');
    assert.match(out, /^my-remote-db\.com\n {2}addresses +243\.[\d.]+, fd73:\S+ given by the ledger since 20\d\d-/);
    assert.match(
      out,
      /\n {2}declared by +\S+db\.yaml:1 ServiceEntry shop\/db\n {2}seen by +all namespaces\n {2}proxies +none is connected\n$/,
    );
  });

  test('exits with 1 for a host that nobody declares, and proposes one', async () => {
    const { code, out, err } = await names('my-remote-bd.com');
    assert.deepEqual([code, out, err], [1, '', 'no object declares my-remote-bd.com; did you mean my-remote-db.com?\n']);
  });

  test('names hosts whose addresses rest', async () => {
    await writeFile(join(directory, 'late.yaml'), entry('late', 'late.example.com'));
    await until(async () => (await addresses('late.example.com')) !== undefined);
    const had = await addresses('late.example.com');
    await rm(join(directory, 'late.yaml'));
    await until(async () => (await addresses('late.example.com')) === undefined);
    assert.match(
      (await names()).out,
      new RegExp(`\n\n${had!.join(' and ')} of late\\.example\\.com rest: nobody has declared it for \\d+ s\n$`),
    );
    const { code, err } = await names('late.example.com');
    assert.deepEqual([code, err], [1, 'no object declares late.example.com any more\n']);
  });

  test('finds the same addresses after a kill and a start on other files', async () => {
    const had = await addresses('my-remote-db.com');
    await control.end('SIGKILL');
    await writeFile(join(directory, 'a.yaml'), entry('a', 'a.example.com'));
    control = await running(directory, runtime, LEDGER);
    assert.deepEqual(await addresses('my-remote-db.com'), had);
    assert.equal((await addresses('a.example.com'))?.length, 2);
  });

  test('gives a host its addresses again although its file was broken over a restart', async () => {
    const had = await addresses('my-remote-db.com');
    await writeFile(join(directory, 'db.yaml'), 'spec: [');
    await control.end('SIGTERM');
    control = await running(directory, runtime, LEDGER);
    assert.equal(await addresses('my-remote-db.com'), undefined);
    await writeFile(join(directory, 'db.yaml'), entry('db', 'my-remote-db.com'));
    await until(async () => (await addresses('my-remote-db.com')) !== undefined);
    assert.deepEqual(await addresses('my-remote-db.com'), had);
  });

  test('reads files and the ledger without a control plane', async () => {
    const had = await addresses('my-remote-db.com');
    const offline = await sallyport([
      'names',
      'my-remote-db.com',
      '-o',
      'json',
      '-f',
      directory,
      '--ledger',
      join(runtime, 'addresses'),
    ]);
    assert.deepEqual((JSON.parse(offline.out) as NamesReply).names[0]?.addresses, had);
    const explained = await sallyport([
      ...['explain', 'tcp://my-remote-db.com:5432', '--from', 'shop/web', '-f', directory, '-o', 'json'],
      ...['--ledger', join(runtime, 'addresses')],
    ]);
    assert.equal((JSON.parse(explained.out) as { listener: string }).listener, `${had![0]}_5432`);
    const none = await sallyport(['names', '-f', directory, '-o', 'json']);
    assert.deepEqual(
      (JSON.parse(none.out) as NamesReply).names.map(({ host, addresses: all }) => [host, all]),
      [
        ['a.example.com', []],
        ['my-remote-db.com', []],
        ['own.example.com', ['10.1.2.3']],
      ],
    );
  });

  test('belongs to one control plane, and a damaged ledger is not begun anew', async () => {
    const start = async (stateDir: string) =>
      sallyport([
        ...['run', '-f', directory, '--xds', `127.0.0.1:${await freePort()}`, '--runtime-dir', join(folder, 'other')],
        ...['--state-dir', stateDir, ...LEDGER],
      ]);
    const second = await start(runtime);
    assert.equal(second.code, 3);
    assert.match(second.err, /the ledger of virtual addresses in .* is in use by another control plane/);
    const copy = join(folder, 'copy', 'addresses');
    await mkdir(copy, { recursive: true });
    const text = await readFile(join(runtime, 'addresses', 'ledger'), 'utf8');
    await writeFile(join(copy, 'ledger'), text.replace('my-remote-db.com', 'my-remote-xx.com'));
    const damaged = await start(join(folder, 'copy'));
    assert.equal(damaged.code, 3);
    assert.match(damaged.err, /ledger is damaged in line \d+: it has been changed.*; put a copy of it back, or move the folder/);
    assert.doesNotMatch(damaged.err, /\n {4}at /);
    assert.deepEqual(await readdir(join(folder, 'other', 'admin')).catch(() => []), []);
  });
});
