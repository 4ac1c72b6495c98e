import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Authority, createAuthority, type Issued } from './authority.ts';
import { newRoot, type RootMaterial } from './root.ts';
import { newSigningRequest } from './signing-request.ts';
import type { Identity } from './spiffe.ts';
import { openssl, opensslRequest } from './testing/openssl.ts';

const DAY = 24 * 3600 * 1000;
const now = Date.parse('2026-11-21T10:00:00.700Z');
const web: Identity = { trustDomain: 'cluster.local', namespace: 'shop', serviceAccount: 'web' };
const webId = 'spiffe://cluster.local/ns/shop/sa/web';
const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

async function authorityAt(clock: () => number, material?: RootMaterial, trustDomain = 'cluster.local'): Promise<Authority> {
  const authority = await createAuthority(trustDomain, clock, material);
  assert.ok(!('fault' in authority), 'fault' in authority ? authority.fault : '');
  return authority;
}

async function issued(authority: Authority, csr: string, identity = web, lifetimeMs = DAY): Promise<Issued> {
  const reply = await authority.issue({ identity, csr, lifetimeMs });
  assert.ok(!('fault' in reply), 'fault' in reply ? reply.fault : '');
  return reply;
}

async function fault(authority: Authority, csr: string, identity = web, lifetimeMs = DAY): Promise<string> {
  const reply = await authority.issue({ identity, csr, lifetimeMs });
  assert.ok('fault' in reply, 'it was issued');
  return reply.fault;
}

const authority = await authorityAt(() => now);
const at = ['-attime', String(Math.floor(now / 1000))];

describe('what is issued, as openssl sees it', () => {
  test('a leaf verifies for both ends of a connection, and strictly', async () => {
    const { chain, roots } = await issued(authority, (await newSigningRequest()).csrPem);
    for (const purpose of ['sslclient', 'sslserver']) {
      const files = { 'leaf.pem': chain, 'roots.pem': roots };
      const { ok, text } = openssl(files, [
        'verify',
        '-x509_strict',
        ...at,
        '-purpose',
        purpose,
        '-CAfile',
        'roots.pem',
        'leaf.pem',
      ]);
      assert.ok(ok, text);
    }
  });

  test('a leaf has the identity and no other name, and may not sign', async () => {
    const { chain } = await issued(authority, (await newSigningRequest()).csrPem);
    const { text } = openssl({ 'leaf.pem': chain }, ['x509', '-in', 'leaf.pem', '-noout', '-text']);
    assert.match(text, /Version: 3/);
    assert.match(text, /Subject: *\n/);
    assert.match(text, /Subject Alternative Name: critical\s+URI:spiffe:\/\/cluster\.local\/ns\/shop\/sa\/web\n/);
    assert.match(text, /Basic Constraints: critical\s+CA:FALSE/);
    assert.match(text, /X509v3 Key Usage: critical\s+Digital Signature\n/);
    assert.match(text, /Extended Key Usage: *\s+TLS Web Server Authentication, TLS Web Client Authentication/);
    assert.match(text, /ecdsa-with-SHA256/);
  });

  test('a root may sign leaves only, and lasts ten years', async () => {
    const { text } = openssl({ 'root.pem': authority.roots }, ['x509', '-in', 'root.pem', '-noout', '-text']);
    assert.match(text, /Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    assert.match(text, /Key Usage: critical\s+Certificate Sign, CRL Sign/);
    assert.match(text, /URI:spiffe:\/\/cluster\.local\n/);
    assert.match(text, /NIST CURVE: P-256/);
    assert.match(text, /Not Before: Nov 21 09:58:00 2026 GMT\s+Not After : Nov 20 22:00:00 2036 GMT/);
  });

  test('requests of openssl are answered, whichever kind of key they have', async () => {
    for (const kind of [P256, ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], ['-newkey', 'rsa:2048']]) {
      const csr = opensslRequest(kind);
      const { chain, roots } = await issued(authority, csr);
      assert.ok(
        openssl({ leaf: chain, roots }, ['verify', '-x509_strict', ...at, '-CAfile', 'roots', 'leaf']).ok,
        kind.join(' '),
      );
      const publicKey = (what: string[]) => openssl({ leaf: chain, csr }, [...what, '-noout', '-pubkey']).text;
      assert.equal(publicKey(['x509', '-in', 'leaf']), publicKey(['req', '-in', 'csr']));
    }
  });

  test('openssl reads our requests, whose proof holds', async () => {
    const { csrPem, keyPem } = await newSigningRequest();
    const { ok, text } = openssl({ csr: csrPem }, ['req', '-in', 'csr', '-verify', '-noout', '-text']);
    assert.ok(ok, text);
    assert.match(text, /verify OK/);
    const { chain } = await issued(authority, csrPem);
    assert.ok(new X509Certificate(chain).checkPrivateKey(createPrivateKey(keyPem)));
  });

  test('a leaf of one root does not verify with another of the same trust domain', async () => {
    const other = await authorityAt(() => now);
    const { chain } = await issued(authority, (await newSigningRequest()).csrPem);
    assert.ok(!openssl({ leaf: chain, roots: other.roots }, ['verify', ...at, '-CAfile', 'roots', 'leaf']).ok);
  });
});

describe('requests', () => {
  test('what a request asks for besides is not given', async () => {
    const csr = opensslRequest(P256, `DNS:bank.example,IP:10.0.0.1,email:a@b.example,URI:${webId}`);
    const { chain } = await issued(authority, csr);
    const certificate = new X509Certificate(chain);
    assert.equal(certificate.subjectAltName, `URI:${webId}`);
    assert.equal(certificate.subject, undefined);
  });

  test('a request that names somebody else is refused', async () => {
    assert.match(
      await fault(authority, opensslRequest(P256, 'URI:spiffe://cluster.local/ns/bank/sa/vault')),
      /names spiffe:\/\/cluster\.local\/ns\/bank\/sa\/vault, but it comes from spiffe:\/\/cluster\.local\/ns\/shop\/sa\/web/,
    );
    assert.match(await fault(authority, opensslRequest(P256, `URI:${webId},URI:${webId}`)), /names 2 URIs/);
  });

  test('a request whose sender does not have the key is refused', async () => {
    const [mine, other] = [opensslRequest(P256), opensslRequest(P256)].map((pem) =>
      Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'),
    ) as [Buffer, Buffer];
    // The public key of the other stands at the same place, since both are of one kind and name.
    const point = Buffer.from('03420004', 'hex');
    other.copy(mine, mine.indexOf(point), other.indexOf(point), other.indexOf(point) + 68);
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${mine.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    assert.match(await fault(authority, forged), /not signed by the key/);
  });

  test('keys that are weak or that Envoy cannot use are refused', async () => {
    const weak = [
      ['-newkey', 'rsa:1024'],
      ['-newkey', 'ed25519'],
      ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
    ];
    for (const kind of weak) assert.match(await fault(authority, opensslRequest(kind)), /neither ECDSA/, kind.join(' '));
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const reply = await authority.issue({ identity: web, publicKey: pem, lifetimeMs: DAY });
    assert.match('fault' in reply ? reply.fault : '', /neither ECDSA/);
  });

  test('text that is no request is refused and does no harm', async () => {
    const { csrPem } = await newSigningRequest();
    for (const text of [
      '',
      'x',
      '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----',
      csrPem.slice(0, 200),
    ])
      assert.match(await fault(authority, text), /no PKCS #10/);
    assert.match(await fault(authority, `${csrPem}${'x'.repeat(20_000)}`), /longer than/);
  });

  test('identities of another trust domain, or none, are refused', async () => {
    const { csrPem } = await newSigningRequest();
    assert.match(await fault(authority, csrPem, { ...web, trustDomain: 'other.test' }), /another trust domain/);
    assert.match(await fault(authority, csrPem, { ...web, namespace: 'a/b' }), /no namespace/);
  });
});

describe('time', () => {
  test('a leaf begins two minutes early and ends when it should, to the second', async () => {
    const { chain, notAfter } = await issued(authority, (await newSigningRequest()).csrPem, web, 3600_000);
    const { validFromDate, validToDate } = new X509Certificate(chain);
    assert.equal(validFromDate.toISOString(), '2026-11-21T09:58:00.000Z');
    assert.equal(validToDate.toISOString(), '2026-11-21T11:00:00.000Z');
    assert.equal(notAfter, validToDate.getTime());
  });

  test('a lifetime that is none is refused', async () => {
    const { csrPem } = await newSigningRequest();
    for (const lifetimeMs of [0, -1, Number.NaN, 91 * DAY])
      assert.match(await fault(authority, csrPem, web, lifetimeMs), /lifetime/);
  });

  test('no leaf outlives its root, and an ended root signs nothing', async () => {
    const material = await newRoot('cluster.local', now);
    const end = new X509Certificate(material.certificatePem).validToDate.getTime();
    let clock = end - 3600_000;
    const old = await authorityAt(() => clock, material);
    const { csrPem } = await newSigningRequest();
    assert.equal((await issued(old, csrPem)).notAfter, end);
    clock = end + 1;
    assert.match(await fault(old, csrPem), /root has ended/);
    const refused = await createAuthority('cluster.local', () => clock, material);
    assert.match('fault' in refused ? refused.fault : '', /it ended on/);
  });

  test('no two serial numbers are equal, and all are of 16 bytes', async () => {
    const { csrPem } = await newSigningRequest();
    const serials = await Promise.all(
      Array.from({ length: 50 }, async () => new X509Certificate((await issued(authority, csrPem)).chain).serialNumber),
    );
    assert.equal(new Set(serials).size, 50);
    for (const serial of serials) assert.match(serial, /^[4-7][0-9A-F]{31}$/);
  });
});

describe('material', () => {
  test('that is kept signs as before', async () => {
    const material = await newRoot('cluster.local', now);
    const { chain } = await issued(await authorityAt(() => now, material), (await newSigningRequest()).csrPem);
    const { roots } = await authorityAt(() => now, material);
    assert.ok(openssl({ leaf: chain, roots }, ['verify', ...at, '-CAfile', 'roots', 'leaf']).ok);
  });

  test('that does not belong together, or is for another trust domain, is refused', async () => {
    const [one, two] = [await newRoot('cluster.local', now), await newRoot('cluster.local', now)];
    const why = async (material: RootMaterial, trustDomain = 'cluster.local') => {
      const refused = await createAuthority(trustDomain, () => now, material);
      return 'fault' in refused ? refused.fault : 'it was taken';
    };
    assert.match(await why({ ...one, keyPem: two.keyPem }), /not that of the certificate/);
    assert.match(await why(one, 'other.test'), /URI:spiffe:\/\/cluster\.local, not for spiffe:\/\/other\.test/);
    assert.match(await why({ ...one, keyPem: 'x' }), /cannot be read/);
    const { csrPem, keyPem } = await newSigningRequest();
    const { chain } = await issued(authority, csrPem);
    assert.match(await why({ certificatePem: chain, keyPem }), /no authority/);
  });
});
