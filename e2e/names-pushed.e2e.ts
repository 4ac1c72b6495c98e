import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lab, startLab } from './lab/index.ts';

const entry = (host: string, ...addresses: string[]) => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${host.replaceAll('.', '-')}, namespace: default}
spec:
  hosts: ["${host}"]
  addresses: [${addresses.map((address) => `"${address}"`).join(', ')}]
  resolution: STATIC
  endpoints: [{address: 203.0.113.10}]
  ports: [{number: 5432, name: tcp, protocol: TCP}]
`;

/** Names that no DNS server anywhere has, asked for by clients inside a captured namespace. */
describe('names that the control plane pushes to a captured workload', () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ config: { 'db.yaml': entry('my-remote-db.com', '10.20.0.1', '2001:db8:20::1') } });
  });
  after(() => lab?.close());

  const dig = async (...args: string[]) => (await lab.exec(['dig', '+short', '+tries=1', '+timeout=5', ...args])).stdout.trim();
  const write = (file: string, text: string) => writeFile(join(lab.configDir, file), text);
  const until = async (name: string, expected: string) => {
    for (let waited = 0; waited < 20_000 && (await dig(name)) !== expected; waited += 100) await sleep(100);
    assert.equal(await dig(name), expected);
  };

  test('are answered over UDP and TCP, in both families, whatever server the client means to ask', async () => {
    const { code, stdout } = await lab.exec(['nslookup', 'my-remote-db.com']);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Address: 10\.20\.0\.1\n[\s\S]*Address: 2001:db8:20::1\n/);
    assert.equal(await dig('@8.8.8.8', '+tcp', 'my-remote-db.com'), '10.20.0.1');
    assert.equal(await dig('@2001:db8::53', 'AAAA', 'my-remote-db.com'), '2001:db8:20::1');
  });

  test('come, change and go with the configuration, by row', async () => {
    await write('more.yaml', entry('more.example', '10.20.0.2'));
    await until('more.example', '10.20.0.2');
    await write('more.yaml', entry('more.example', '10.20.0.3'));
    await until('more.example', '10.20.0.3');
    await write('more.yaml', '');
    await until('more.example', '');
    const { stdout } = await lab.sallyport(['proxy-status', '-o', 'json']);
    const { proxies } = JSON.parse(stdout) as { proxies: { types: { type: string; acked: number; state: string }[] }[] };
    assert.deepEqual(
      proxies.map(({ types }) =>
        types.filter(({ type }) => type.startsWith('name')).map(({ type, acked, state }) => [type, acked, state]),
      ),
      [[['nameRow', 1, 'synced']]],
    );
  });

  test('stay while the control plane is away, and are caught up with when it is back', async () => {
    await lab.controlPlane.kill('SIGKILL');
    assert.equal(await dig('my-remote-db.com'), '10.20.0.1');
    await write('db.yaml', entry('my-remote-db.com', '10.20.0.9'));
    await lab.controlPlane.restart();
    await until('my-remote-db.com', '10.20.0.9');
  });
});
