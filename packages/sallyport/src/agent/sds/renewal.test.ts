import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { type Authority, createAuthority } from '../../ca/index.ts';
import type { Material } from './material.ts';
import { type Credentials, keepRenewed, renewalTime } from './renewal.ts';

const authority = (await createAuthority('cluster.local', Date.now)) as Authority;
const identity = { trustDomain: 'cluster.local', namespace: 'shop', serviceAccount: 'web' };

async function sign(csr: string, lifetimeMs: number) {
  const reply = await authority.issue({ identity, csr, lifetimeMs });
  if ('fault' in reply) throw new Error(reply.fault);
  return reply;
}

/** Runs renewals until `count` certificates have come, and gives them and what was said. */
async function renewals(credentials: Credentials, count: number) {
  const stop = new AbortController();
  const [certificates, said]: [Material[], string[]] = [[], []];
  const done = new Promise<void>((resolve) => {
    const put = (certificate: Material): void => {
      certificates.push(certificate);
      if (certificates.length === count) resolve();
    };
    void keepRenewed({ credentials, put, log: (level, message) => said.push(`${level} ${message}`) }, stop.signal);
  });
  await Promise.race([done, sleep(10_000)]);
  stop.abort();
  return { certificates, said };
}

test('the next certificate comes after two thirds of the life of the last, a little earlier for some', () => {
  const times = fc.tuple(
    fc.nat(2 ** 40),
    fc.integer({ min: 1_000, max: 2 ** 34 }),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
  );
  fc.assert(
    fc.property(times, ([asked, lifetime, random]) => {
      const share = (renewalTime(asked, asked + lifetime, random) - asked) / lifetime;
      assert.ok(share > 0.61 && share < 0.67, String(share));
    }),
  );
});

test('every certificate has a new key, and no private key is ever sent', { timeout: 20_000 }, async () => {
  const sent: string[] = [];
  const credentials: Credentials = {
    request: (csr) => {
      sent.push(csr);
      return sign(csr, 1_500);
    },
  };
  const { certificates } = await renewals(credentials, 2);
  const keys = certificates.map((one) => (one.kind === 'certificate' ? one.key : ''));
  assert.equal(new Set(keys).size, 2);
  for (const text of sent) assert.match(text, /^-----BEGIN CERTIFICATE REQUEST-----[^-]+-----END CERTIFICATE REQUEST-----\s*$/);
});

test('a signer that is away, or signs for another key, is asked again', { timeout: 20_000 }, async () => {
  let calls = 0;
  let first = '';
  const credentials: Credentials = {
    request: async (csr) => {
      calls += 1;
      if (calls === 1) throw new Error('the signer is away');
      first ||= csr;
      return sign(calls === 3 ? first : csr, 60_000);
    },
  };
  // The second certificate is for the right key; the third call, in a new run, gives one for a key of the past.
  const { said } = await renewals(credentials, 1);
  assert.match(said[0] ?? '', /^warning no new certificate: the signer is away; trying again in 1 s/);
  const again = await renewals(credentials, 1);
  assert.match(again.said[0] ?? '', /the private key is not that of the certificate/);
  assert.equal(again.certificates.length, 1);
});

test('a certificate that has ended is not put into use', { timeout: 20_000 }, async () => {
  const old = (await createAuthority('cluster.local', () => Date.now() - 7_200_000)) as Authority;
  let calls = 0;
  const credentials: Credentials = {
    request: async (csr) => {
      calls += 1;
      const reply = await (calls === 1 ? old : authority).issue({ identity, csr, lifetimeMs: 3600_000 });
      if ('fault' in reply) throw new Error(reply.fault);
      return reply;
    },
  };
  const { certificates, said } = await renewals(credentials, 1);
  assert.match(said[0] ?? '', /look at the clocks/);
  const [only] = certificates;
  assert.ok(only?.kind === 'certificate' && new X509Certificate(only.chain).validToDate.getTime() > Date.now());
});
