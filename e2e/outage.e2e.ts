import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ControlPlane, startControlPlane } from './testing/control-plane.ts';
import { outboundPolicy, serviceEntry, weights } from './testing/documents.ts';
import { type Stream, startWorkload, type Workload } from './testing/workload.ts';

const CALLS = 1_000;
const AT_ONCE = 20;
const OLD = '198.51.100.10';
const NEW = '198.51.100.11';
const split = (toNew: number) => weights('old.example.com', { 'old.example.com': 100 - toNew, 'new.example.com': toNew });

/** What the connected proxies ask for. */
async function subscriptions({ admin }: ControlPlane): Promise<string> {
  const types = (await admin.proxies()).flatMap((proxy) => proxy.types);
  return types.map((type) => `${type.type} ${type.subscribed}`).join(', ');
}

describe('a control plane that is killed', () => {
  let control: ControlPlane;
  let workload: Workload;
  let stream: Stream;
  let subscribed: string;
  before(async () => {
    control = await startControlPlane({
      'mesh.yaml': outboundPolicy('REGISTRY_ONLY'),
      'old.yaml': serviceEntry('old', 'old.example.com'),
      'new.yaml': serviceEntry('new', 'new.example.com'),
      'tls.yaml': serviceEntry('tls', 'tls.example.com', 443, 'TLS'),
      'split.yaml': split(0),
    });
    const names = { 'old.example.com': [OLD], 'new.example.com': [NEW], 'tls.example.com': ['198.51.100.2'] };
    workload = await startWorkload(control, { names });
    stream = await workload.stream('http://new.example.com/ticks');
    assert.equal(await workload.answerOf('http://old.example.com/'), OLD);
    assert.ok((await control.metric('sallyport_xds_resources_total')) > 10, 'a new proxy is sent what it needs');
    subscribed = await subscriptions(control);
    assert.equal(await control.program.end('SIGKILL'), 'SIGKILL');
  });
  after(async () => {
    await workload?.close();
    await control?.close();
  });

  test(`fails none of ${CALLS} calls meanwhile, HTTP and TLS, and cuts no connection`, async () => {
    const urls = ['http://old.example.com/', 'http://new.example.com/', 'https://tls.example.com/'];
    const outcomes = new Map<string, number>();
    for (let made = 0; made < CALLS; made += AT_ONCE) {
      const batch = Array.from({ length: AT_ONCE }, (_, i) => workload.answerOf(urls[(made + i) % urls.length]!));
      for (const outcome of await Promise.all(batch)) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    assert.deepEqual([...outcomes.keys()].sort(), ['198.51.100.2', OLD, NEW].sort());
    assert.equal(
      [...outcomes.values()].reduce((sum, n) => sum + n, 0),
      CALLS,
    );
    await assert.rejects(control.admin.status(), { code: 'UNREACHABLE' });
  });

  test('sends nothing again after its return that the proxy has already, and then only what changed', async () => {
    await control.start();
    await control.program.until(({ event }) => event === 'connected');
    const asked = performance.now();
    while ((await subscriptions(control)) !== subscribed && performance.now() - asked < 20_000) await sleep(20);
    assert.equal(await subscriptions(control), subscribed);
    assert.equal(await control.metric('sallyport_xds_resources_total'), 0);
    // A change is a fence: whatever came before it in the stream has been sent and counted.
    await control.write('split.yaml', split(100));
    for (let i = 0; i < 500 && (await workload.answerOf('http://old.example.com/')) !== NEW; i += 1) await sleep(10);
    assert.equal(await workload.answerOf('http://old.example.com/'), NEW);
    assert.equal(await control.metric('sallyport_xds_resources_total'), 1);
    await stream.ticks(3);
    assert.equal(stream.ended, false);
  });

  test('was taken back by the very proxy that it left', () => {
    assert.equal(workload.agent.lines.filter(({ event, state }) => event === 'state' && state === 'running').length, 1);
  });
});
