import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './lab/ran.ts';
import { type ControlPlane, SALLYPORT, startControlPlane } from './testing/control-plane.ts';
import { meshConfig } from './testing/documents.ts';
import { startWorkload, type Workload } from './testing/workload.ts';

const WILDCARD = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: wild
  namespace: shop
spec:
  hosts: ["*.example.com"]
  location: MESH_EXTERNAL
  ports:
  - {number: 80, name: http, protocol: HTTP}
  - {number: 443, name: tls, protocol: TLS}
`;
const mesh = (...lines: readonly string[]) => meshConfig(['outboundTrafficPolicy:', '  mode: REGISTRY_ONLY', ...lines]);
const SAFE = mesh(
  'sallyport:',
  '  dualStack: true',
  '  wildcards: dynamic-dns',
  '  dns:',
  '    allowedAddresses: [10.88.0.0/16]',
);

/** What DNS says of names under the wildcard; the last ones point to where no call may go. */
const NAMES = {
  'a.example.com': ['198.51.100.10'],
  'own.example.com': ['10.88.0.5'],
  'evil.com': ['203.0.113.66'],
  'metadata.example.com': ['169.254.169.254'],
  'ten.example.com': ['10.1.2.3'],
  'loop.example.com': ['127.0.0.1'],
  'mixed.example.com': ['10.1.2.3', '198.51.100.11'],
  'six.example.com': ['2001:db8::10'],
  'translated.example.com': ['64:ff9b::c633:640a'],
  'mapped.example.com': ['::ffff:10.1.2.3'],
  'nat64.example.com': ['64:ff9b::a9fe:a9fe'],
  'ula.example.com': ['fd00:ec2::254'],
};
const FORBIDDEN = ['metadata', 'ten', 'loop', 'mapped', 'nat64', 'ula'];
const ELSEWHERE = '203.0.113.66';

describe('a wildcard with resolution NONE under REGISTRY_ONLY', () => {
  let control: ControlPlane;
  let workload: Workload;
  before(async () => {
    control = await startControlPlane({ 'mesh.yaml': mesh(), 'wild.yaml': WILDCARD });
    workload = await startWorkload(control, { names: NAMES });
  });
  after(async () => {
    await workload?.close();
    await control?.close();
  });

  /** A call to an address that the caller picks, for a host that it names in Host, or in SNI over TLS. */
  const claims = (scheme: 'http' | 'https', host: string, at = ELSEWHERE) =>
    workload.answerOf(`${scheme}://${at}/`, { headers: { Host: host } });

  test('lets callers choose the address, as in Istio, and that is warned of', async () => {
    assert.equal(await claims('http', 'a.example.com'), ELSEWHERE);
    assert.equal(await claims('https', 'a.example.com'), ELSEWHERE);
    const { issues } = await control.admin.issues();
    assert.equal(issues.filter(({ code }) => code === 'ADDRESS_UNCHECKED').length, 1);
    const { stdout } = await run([
      ...SALLYPORT,
      'explain',
      'http://a.example.com/',
      '--from',
      'shop/web',
      '-f',
      control.directory,
    ]);
    assert.match(stdout, /to the address that the caller picks/);
  });

  describe('looked up by the proxy', () => {
    before(async () => {
      await control.write('mesh.yaml', SAFE);
      for (let i = 0; i < 500 && (await claims('http', 'a.example.com')) !== '198.51.100.10'; i += 1) await sleep(20);
    });

    test('sends a call where DNS says, whatever address the caller picks', async () => {
      assert.equal(await claims('http', 'a.example.com'), '198.51.100.10');
      assert.equal(await claims('https', 'a.example.com'), '198.51.100.10');
      assert.equal(await workload.answerOf('http://a.example.com/'), '198.51.100.10');
    });

    test('refuses names that are not under it', async () => {
      assert.equal(await claims('http', 'evil.com'), '502');
      assert.equal(await claims('https', 'evil.com'), 'ECONNRESET');
    });

    for (const name of FORBIDDEN) {
      test(`refuses ${name}.example.com, which lies outside of the Internet, over HTTP and TLS`, async () => {
        assert.equal(await claims('http', `${name}.example.com`), '503');
        assert.equal(await claims('https', `${name}.example.com`), 'ECONNRESET');
      });
    }

    test('keeps the good address of a mixed answer, and the range that the mesh allows', async () => {
      assert.equal(await claims('http', 'mixed.example.com'), '198.51.100.11');
      assert.equal(await claims('http', 'own.example.com'), '10.88.0.5');
      assert.equal(await claims('https', 'own.example.com'), '10.88.0.5');
    });

    test('calls names of IPv6 alone, also behind NAT64', async () => {
      assert.equal(await claims('http', 'six.example.com'), '2001:db8::10');
      assert.equal(await claims('http', 'translated.example.com'), '64:ff9b::c633:640a');
    });

    test('calls the declared port only, whatever port the host names', async () => {
      assert.equal(await claims('http', 'a.example.com:80'), '198.51.100.10');
      assert.equal(await claims('http', 'a.example.com:443'), '403');
      assert.equal(await claims('http', '169.254.169.254'), '502');
    });

    test('is no longer warned of, and explain says what happens', async () => {
      const { issues } = await control.admin.issues();
      assert.deepEqual(
        issues.filter(({ code }) => code === 'ADDRESS_UNCHECKED'),
        [],
      );
      const { stdout } = await run([
        ...SALLYPORT,
        'explain',
        'http://a.example.com/',
        '--from',
        'shop/web',
        '-f',
        control.directory,
      ]);
      assert.match(stdout, /looked up by the proxy/);
      assert.match(stdout, /private, loopback, link-local and metadata addresses are refused/);
    });
  });
});
