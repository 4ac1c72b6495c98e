import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Authority, createAuthority, newSigningRequest } from '../../ca/index.ts';
import { type Credentials, serveSecrets } from './index.ts';
import { type Client, secretClient } from './testing/client.ts';

const authority = (await createAuthority('cluster.local', Date.now)) as Authority;

async function signed(serviceAccount: string, lifetimeMs = 3600_000, request?: { keyPem: string; csrPem: string }) {
  const { keyPem, csrPem } = request ?? (await newSigningRequest());
  const identity = { trustDomain: 'cluster.local', namespace: 'shop', serviceAccount };
  const reply = await authority.issue({ identity, csr: csrPem, lifetimeMs });
  if ('fault' in reply) throw new Error(reply.fault);
  return { ...reply, key: keyPem };
}

const credentials = (lifetimeMs: number): Credentials => ({
  request: (csrPem) => signed('web', lifetimeMs, { keyPem: '', csrPem }),
});

let folder: string;
let path: string;
let said: string[];
let open: { close(): unknown }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sds-'));
  path = join(folder, 'sds.sock');
  said = [];
  open = [];
});
afterEach(async () => {
  for (const one of open.reverse()) await one.close();
  rmSync(folder, { recursive: true });
});

async function serve(who?: Credentials): Promise<Client> {
  const log = (level: string, message: string) => said.push(`${level} ${message}`);
  open.push(await serveSecrets({ path, rights: { kind: 'as-we-are' }, log, ...(who && { credentials: who }) }));
  const client = secretClient(path);
  open.push(client);
  return client;
}

async function heard(pattern: RegExp): Promise<void> {
  for (let tries = 0; tries < 100 && !said.some((line) => pattern.test(line)); tries += 1) await sleep(30);
  assert.ok(
    said.some((line) => pattern.test(line)),
    `${pattern} in ${said.join('\n')}`,
  );
}

describe('identity', () => {
  test('the certificate with its key, and the roots, come to who asks, each on its own stream', async () => {
    const client = await serve(credentials(3600_000));
    const [own, roots] = [client.stream(['default']), client.stream(['ROOTCA'])];
    const certificate = (await own.next())['default'];
    assert.match(certificate?.chain ?? '', /^-----BEGIN CERTIFICATE-----/);
    assert.match(certificate?.key ?? '', /^-----BEGIN PRIVATE KEY-----/);
    assert.equal((await roots.next())['ROOTCA']?.roots?.trim(), authority.roots.trim());
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('a renewed certificate is sent without being asked for, and the roots are not sent again', async () => {
    const client = await serve(credentials(1_500));
    const [own, roots] = [client.stream(['default']), client.stream(['ROOTCA'])];
    const first = (await own.next())['default'];
    own.ack();
    await roots.next();
    roots.ack();
    const second = (await own.next())['default'];
    assert.notEqual(second?.key, first?.key);
    assert.notEqual(second?.chain, first?.chain);
    assert.equal(roots.waiting, 0);
  });

  test('without somebody who signs there is silence, and a line that says so', async () => {
    const client = await serve();
    const own = client.stream(['default']);
    await heard(/asks for the secret default, but nobody signs/);
    assert.equal(own.waiting, 0);
  });

  test('a name that is not known is not answered, and others on its stream are', async () => {
    const client = await serve(credentials(3600_000));
    const stream = client.stream(['kubernetes://web', 'ROOTCA']);
    assert.deepEqual(Object.keys(await stream.next()), ['ROOTCA']);
    await heard(/"kubernetes:\/\/web", which the agent does not know/);
  });

  test('a refusal of Envoy’s is said, and the secret is not sent again', async () => {
    const client = await serve(credentials(3600_000));
    const stream = client.stream(['ROOTCA']);
    await stream.next();
    stream.nack('bad certificate');
    await heard(/warning Envoy refuses the secret ROOTCA: bad certificate/);
    assert.equal(stream.waiting, 0);
  });
});

describe('files', () => {
  test('roots are read again when they are replaced, and what is not a certificate goes nowhere', async () => {
    const client = await serve();
    const file = join(folder, 'ca.pem');
    writeFileSync(file, `password=hunter2\n${authority.roots}`);
    const stream = client.stream([`file-root:${file}`]);
    const first = Object.values(await stream.next())[0];
    assert.equal(first?.roots?.trim(), authority.roots.trim());
    const other = (await createAuthority('other.test', Date.now)) as Authority;
    writeFileSync(`${file}.new`, other.roots);
    renameSync(`${file}.new`, file);
    assert.equal(Object.values(await stream.next())[0]?.roots?.trim(), other.roots.trim());
  });

  test('a certificate is sent only with its own key, so that replacing two files shows no half', async () => {
    const client = await serve();
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const [one, two] = [await signed('one'), await signed('two')];
    writeFileSync(cert, one.chain);
    writeFileSync(key, one.key);
    const stream = client.stream([`file-cert:${cert}~${key}`]);
    assert.equal(Object.values(await stream.next())[0]?.chain?.trim(), one.chain.trim());
    writeFileSync(cert, two.chain);
    await heard(/the private key is not that of the certificate/);
    assert.equal(stream.waiting, 0);
    writeFileSync(key, two.key);
    assert.equal(Object.values(await stream.next())[0]?.chain?.trim(), two.chain.trim());
  });

  test('a file that comes late is sent when it comes; one that goes or breaks leaves what was good', async () => {
    const client = await serve();
    const file = join(folder, 'late.pem');
    const stream = client.stream([`file-root:${file}`]);
    await heard(/late\.pem: ENOENT/);
    writeFileSync(file, authority.roots);
    await stream.next();
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    await heard(/certificate 1 of 1 cannot be read/);
    rmSync(file);
    await sleep(300);
    assert.equal(stream.waiting, 0);
    const another = client.stream([`file-root:${file}`]);
    assert.equal(Object.values(await another.next())[0]?.roots?.trim(), authority.roots.trim());
  });

  test('a directory in place of a file is refused and does no harm', async () => {
    const client = await serve();
    client.stream([`file-root:${folder}`]);
    await heard(/no regular file|EISDIR/);
  });

  test('the roots of this system are many', async () => {
    const client = await serve();
    const roots = (await client.stream(['file-root:system']).next())['file-root:system']?.roots ?? '';
    assert.ok(roots.split('BEGIN CERTIFICATE').length > 50);
  });
});

describe('the other ways to ask', () => {
  test('delta: what is subscribed comes by itself, and after unsubscribing no more', async () => {
    const client = await serve(credentials(1_500));
    const stream = client.delta(['default', 'ROOTCA']);
    const seen = new Set<string>();
    while (seen.size < 2) for (const name of Object.keys(await stream.next())) seen.add(name);
    assert.deepEqual(Object.keys(await stream.next()), ['default']);
    stream.unsubscribe(['default']);
    await sleep(1_300);
    assert.equal(stream.waiting, 0);
  });

  test('a single fetch waits for what is being read, and leaves out what is not known', async () => {
    const client = await serve();
    const file = join(folder, 'ca.pem');
    writeFileSync(file, authority.roots);
    assert.deepEqual(Object.keys(await client.fetch([`file-root:${file}`, 'nobody'])), [`file-root:${file}`]);
  });
});
