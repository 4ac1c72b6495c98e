import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { newSigningRequest } from '../ca/index.ts';
import { SallyportError } from '../lib/error.ts';
import { localAuthority } from './local-authority.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-ca-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const web = { namespace: 'shop', serviceAccount: 'web' };

test('one root signs for all who ask at once, and for those after a restart', async () => {
  const { csrPem: csr } = await newSigningRequest();
  const first = localAuthority(join(folder, 'ca'), () => 'cluster.local');
  const replies = await Promise.all([first({ ...web, csr }), first({ ...web, csr })]);
  const later = await localAuthority(join(folder, 'ca'), () => 'cluster.local')({ ...web, csr });
  assert.equal(new Set([...replies, later].map(({ roots }) => roots)).size, 1);
});

test('no root is made before the trust domain is known', async () => {
  const { csrPem: csr } = await newSigningRequest();
  const sign = localAuthority(join(folder, 'ca'), () => {
    throw new SallyportError('UNREACHABLE', 'the configuration is still being read; ask again');
  });
  await assert.rejects(sign({ ...web, csr }), { code: 'UNREACHABLE' });
  assert.ok(!existsSync(join(folder, 'ca')));
});

test('a trust domain that changes is refused while the old root is there, and signs again when it is back', async () => {
  const { csrPem: csr } = await newSigningRequest();
  let trustDomain = 'cluster.local';
  const sign = localAuthority(join(folder, 'ca'), () => trustDomain);
  const { roots } = await sign({ ...web, csr });
  trustDomain = 'other.test';
  await assert.rejects(sign({ ...web, csr }), { code: 'FILE', message: /not for spiffe:\/\/other\.test/ });
  trustDomain = 'cluster.local';
  assert.equal((await sign({ ...web, csr })).roots, roots);
});

test('a request that is none is refused with a sentence', async () => {
  const sign = localAuthority(join(folder, 'ca'), () => 'cluster.local');
  await assert.rejects(sign({ ...web, csr: 'x' }), { code: 'USAGE', message: /no certificate for spiffe:.*no PKCS #10/ });
  await assert.rejects(sign({ ...web, namespace: '../kube-system', csr: 'x' }), { code: 'USAGE', message: /no namespace/ });
  await assert.rejects(sign(JSON.parse('{"namespace": 7}')), { code: 'USAGE', message: /"serviceAccount"/ });
});
