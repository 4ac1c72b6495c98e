import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProxyStatus } from 'sallyport/admin/api.ts';
import { run } from './lab/ran.ts';
import { type ControlPlane, SALLYPORT, startControlPlane } from './testing/control-plane.ts';
import { outboundPolicy, serviceEntry } from './testing/documents.ts';
import { startWorkload, type Workload } from './testing/workload.ts';

/** Which `%OPERATORS%` there are depends on Envoy's version, so only Envoy checks them. */
const withHeader = (value: string) => `# A comment, so that the object does not stand on line 1.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: marked
  namespace: shop
spec:
  hosts: [old.example.com]
  http:
  - headers:
      request:
        set:
          x-mark: "${value}"
    route:
    - destination:
        host: old.example.com
`;

describe('an object that Envoy refuses', () => {
  let control: ControlPlane;
  let workload: Workload;
  before(async () => {
    control = await startControlPlane({
      'mesh.yaml': outboundPolicy('REGISTRY_ONLY'),
      'old.yaml': serviceEntry('old', 'old.example.com'),
      'other.yaml': serviceEntry('other', 'other.example.com', 8080),
    });
    const names = { 'old.example.com': ['198.51.100.10'], 'new.example.com': ['198.51.100.11'] };
    workload = await startWorkload(control, { names });
    await control.write('marked.yaml', withHeader('%NOPE%'));
    await until(({ refused }) => refused.length > 0);
  });
  after(async () => {
    await workload?.close();
    await control?.close();
  });

  async function until(fits: (proxy: ProxyStatus) => boolean): Promise<ProxyStatus> {
    for (let i = 0; i < 500; i += 1) {
      const [proxy] = await control.admin.proxies();
      if (proxy !== undefined && fits(proxy)) return proxy;
      await sleep(20);
    }
    assert.fail(`never so: ${JSON.stringify(await control.admin.proxies())}`);
  }

  test('is named by proxy-status, with file and line, and exit code 1', async () => {
    const { code, stdout } = await run([...SALLYPORT, 'proxy-status', '--runtime-dir', control.runtime]);
    assert.equal(code, 1);
    assert.match(stdout, /refused/);
    assert.match(stdout, /mesh\/marked\.yaml:2:1 error NACK Envoy refuses the route 80 .*NOPE.*\(VirtualService\/shop\/marked\)/);
  });

  test('and only that: the objects beside it are not blamed', async () => {
    const { code, stdout } = await run([...SALLYPORT, 'proxy-status', '--runtime-dir', control.runtime, '-o', 'json']);
    assert.equal(code, 1);
    const { proxies } = JSON.parse(stdout) as { proxies: ProxyStatus[] };
    const blamed = proxies.flatMap(({ refused }) => refused.flatMap(({ issues }) => issues.map(({ object }) => object?.name)));
    assert.deepEqual(blamed, ['marked']);
  });

  test('leaves what was there before in force, and all other changes arrive', async () => {
    assert.equal(await workload.answerOf('http://old.example.com/'), '198.51.100.10');
    const clusters = (await until(() => true)).types.find(({ type }) => type === 'cluster')!.acked;
    await control.write('new.yaml', serviceEntry('new', 'new.example.com', 8081));
    const proxy = await until(({ types }) => types.some(({ type, acked }) => type === 'cluster' && acked > clusters));
    assert.equal(proxy.refused.length, 1);
    await control.write('mesh.yaml', outboundPolicy('ALLOW_ANY'));
    await until(({ types }) => types.every(({ state, type }) => state === (type === 'route' ? 'refused' : 'synced')));
  });

  test('is accepted when it is mended, and nothing is said of it any more', async () => {
    await control.write('marked.yaml', withHeader('%PROTOCOL%'));
    const { types } = await until(({ refused }) => refused.length === 0);
    assert.deepEqual(
      types.filter(({ state }) => state === 'refused'),
      [],
    );
    const { code } = await run([...SALLYPORT, 'proxy-status', '--runtime-dir', control.runtime]);
    assert.equal(code, 0);
    assert.deepEqual(
      (await control.admin.issues()).issues.filter((issue) => issue.code === 'NACK'),
      [],
    );
    await until((proxy) => proxy.types.every(({ state }) => state === 'synced'));
    assert.equal(await workload.answerOf('http://old.example.com/'), '198.51.100.10');
  });

  test('is forgotten when the change is undone, though the proxy is sent nothing for that', async () => {
    await control.write('marked.yaml', withHeader('%NOPE%'));
    await until(({ refused }) => refused.length > 0);
    await control.write('marked.yaml', withHeader('%PROTOCOL%'));
    await until(({ refused, types }) => refused.length === 0 && types.every(({ state }) => state === 'synced'));
  });
});
