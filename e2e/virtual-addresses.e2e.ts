import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lab, type StandIn, startLab } from './lab/index.ts';

/** Servers without names: no DNS of this laboratory knows anything but `site.example.net`, whose certificate the site has. */
const SERVERS: readonly StandIn[] = [
  { name: 'site', hosts: ['site.example.net'], addresses: ['203.0.113.30', '2001:db8::30'], http: [80], tls: [443] },
  { name: 'one', hosts: [], addresses: ['198.51.100.11'], tcp: [5432] },
  { name: 'two', hosts: [], addresses: ['2001:db8::12'], tcp: [5432] },
];

const entry = (
  name: string,
  host: string,
  endpoint: string,
  ...ports: readonly (readonly [number, string])[]
) => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: ["${host}"]
  location: MESH_EXTERNAL
  resolution: STATIC
  endpoints: [{address: "${endpoint}"}]
  ports:
${ports.map(([number, protocol]) => `  - {number: ${number}, name: p${number}, protocol: ${protocol}}\n`).join('')}`;

describe('hosts that are declared and stand in no DNS', () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({
      world: SERVERS,
      mesh: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' }, sallyport: { dualStack: true } },
      workload: { namespace: 'shop' },
      config: {
        'foo.yaml': entry('foo', 'foo.bar.global', '203.0.113.30', [80, 'HTTP'], [443, 'TLS']),
        'one.yaml': entry('one', 'my-remote-db.com', '198.51.100.11', [5432, 'TCP']),
        'two.yaml': entry('two', 'Other-DB.com', '2001:db8::12', [5432, 'TCP']),
      },
    });
  });
  after(() => lab?.close());

  const names = async (host: string): Promise<readonly string[]> => {
    const { stdout } = await lab.sallyport(['names', host, '-o', 'json']);
    return (JSON.parse(stdout) as { names: { addresses: string[] }[] }).names[0]?.addresses ?? [];
  };
  /** Who answers HTTP, and at which address. */
  const curl = async (...args: string[]) => {
    const { code, stdout, stderr } = await lab.exec(['curl', '--silent', '--show-error', '--max-time', '10', ...args]);
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as { server: string }).server;
  };
  /** Who greets on port 5432. */
  const greeting = async (host: string) => {
    const program = ['bash', '-c', `exec 3<>/dev/tcp/${host}/5432; head -n1 <&3`];
    const { stdout, stderr } = await lab.exec(['timeout', '10', ...program]);
    assert.notEqual(stdout, '', stderr);
    return (JSON.parse(stdout) as { server: string }).server;
  };
  const looked = async (host: string) => {
    const { code, stdout } = await lab.exec(['nslookup', host]);
    assert.equal(code, 0, stdout);
    return [...stdout.matchAll(/^Address: ([\da-f.:]+)$/gm)].map(([, address]) => address!);
  };

  test('are found by nslookup at the addresses that sallyport names shows', async () => {
    for (const host of ['foo.bar.global', 'my-remote-db.com', 'other-db.com']) {
      const has = await names(host);
      assert.match(has[0]!, /^243\.0\./);
      assert.match(has[1]!, /^fd73:616c:6c79::/);
      assert.deepEqual(await looked(host), has);
    }
  });

  test('answer HTTP and TLS, over IPv4 and IPv6', async () => {
    for (const family of ['-4', '-6']) {
      assert.equal(await curl(family, 'http://foo.bar.global/'), 'site');
      assert.equal(await curl(family, '--insecure', 'https://foo.bar.global/'), 'site');
    }
    const record = await lab.waitAccess(({ upstream_cluster }) => upstream_cluster === 'outbound|443||foo.bar.global');
    assert.equal(record.listener, `${(await names('foo.bar.global'))[0]}_443`);
  });

  test('share a TCP port, each by its address of either family', async () => {
    const [one, two] = [await names('my-remote-db.com'), await names('other-db.com')];
    assert.deepEqual([await greeting('my-remote-db.com'), await greeting('other-db.com')], ['one', 'two']);
    for (const address of one) assert.equal(await greeting(address), 'one');
    for (const address of two) assert.equal(await greeting(address), 'two');
  });

  test('stay where they are when others come and go and the control plane is killed', async () => {
    const hosts = ['foo.bar.global', 'my-remote-db.com', 'other-db.com'];
    const had = await Promise.all(hosts.map(names));
    const others = Array.from({ length: 20 }, (_, i) => `other-${i}.example`);
    for (const host of others)
      await writeFile(join(lab.configDir, `${host}.yaml`), entry(host.replace('.', '-'), host, '198.51.100.99', [5432, 'TCP']));
    for (let waited = 0; waited < 20_000 && (await names(others.at(-1)!)).length === 0; waited += 100) await sleep(100);
    assert.deepEqual(await Promise.all(hosts.map(names)), had);

    await lab.controlPlane.kill('SIGKILL');
    assert.deepEqual([await greeting('my-remote-db.com'), await greeting('other-db.com')], ['one', 'two']);
    for (const host of others.slice(0, 15)) await rm(join(lab.configDir, `${host}.yaml`));
    await lab.controlPlane.restart();
    assert.deepEqual(await Promise.all(hosts.map(names)), had);
    await lab.settled(20_000);
    for (const [i, host] of hosts.entries()) assert.deepEqual(await looked(host), had[i]);
    assert.deepEqual([await greeting('my-remote-db.com'), await greeting('other-db.com')], ['one', 'two']);
    assert.equal(await curl('http://foo.bar.global/'), 'site');
  });
});
