import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ResourceType } from '../model/index.ts';
import type { EnvoyLike } from './testing/envoy-like.ts';
import { Lab } from './testing/lab.ts';
import { requestBytes } from './testing/messages.ts';
import { urlOf, WITHHELD } from './types.ts';
import { View } from './view.ts';

const contents = (proxy: EnvoyLike, type: ResourceType): Record<string, string> =>
  Object.fromEntries([...(proxy.have.get(type) ?? [])].map(([name, { content }]) => [name, content]).sort());

describe('an exchange', () => {
  it('serves a proxy from start to end, and a change reaches everybody it concerns and nobody else', () => {
    const lab = new Lab();
    for (const id of ['c1', 'c2'])
      for (const type of ['cluster', 'endpoints'] as const) lab.mesh.put(id, type, 'x', `1 of ${id}`);
    const proxies = [lab.proxy('a', 'c1'), lab.proxy('b', 'c1'), lab.proxy('c', 'c2')];
    for (const proxy of proxies) lab.connect(proxy);
    lab.settle();
    assert.deepEqual(
      proxies.map((p) => contents(p, 'endpoints')['x']),
      ['1 of c1', '1 of c1', '1 of c2'],
    );
    const pushes = lab.exchange.stats.pushes;
    lab.mesh.put('c1', 'endpoints', 'x', '2 of c1');
    lab.settle();
    assert.deepEqual(
      proxies.map((p) => contents(p, 'endpoints')['x']),
      ['2 of c1', '2 of c1', '1 of c2'],
    );
    assert.equal(lab.exchange.stats.pushes - pushes, 2);
  });

  it('sends no resource to a proxy that reconnects with what there is', () => {
    const lab = new Lab();
    for (let i = 0; i < 50; i += 1)
      for (const type of ['cluster', 'endpoints', 'listener', 'route'] as const) lab.mesh.put('c', type, `n${i}`, 'x');
    const proxy = lab.proxy('a', 'c');
    lab.connect(proxy);
    lab.settle();
    const { resources, pushes } = lab.exchange.stats;
    assert.equal(resources, 200);
    lab.connect(proxy);
    lab.settle();
    assert.deepEqual([lab.exchange.stats.resources - resources, lab.exchange.stats.pushes - pushes], [0, 0]);
    lab.mesh.put('c', 'route', 'n7', 'y');
    lab.settle();
    assert.equal(contents(proxy, 'route')['n7'], 'y');
  });

  it('encodes nothing and keeps one pending change while a proxy does not read', () => {
    const lab = new Lab();
    lab.mesh.put('c', 'cluster', 'x', '0');
    const proxy = lab.proxy('a', 'c');
    lab.connect(proxy);
    lab.settle();
    const { pushes } = lab.exchange.stats;
    for (let i = 1; i <= 100; i += 1) {
      lab.mesh.put('c', 'cluster', 'x', String(i));
      lab.loop();
    }
    assert.equal(lab.exchange.stats.pushes - pushes, 1);
    lab.settle();
    assert.equal(contents(proxy, 'cluster')['x'], '100');
    assert.ok(lab.exchange.stats.pushes - pushes <= 6);
  });

  it('sends a large batch without waiting for answers, in turns with other streams', () => {
    const lab = new Lab();
    lab.capacity = 100;
    for (const name of ['x', 'y', 'z']) lab.mesh.put('c', 'cluster', name, name.repeat(200_000));
    const order: string[] = [];
    for (const id of ['a', 'b']) {
      lab.proxy(id, 'c');
      const stream = lab.exchange.connect({ send: () => order.push(id) > 0, close: () => {} });
      stream.request(requestBytes({ node: { id }, typeUrl: urlOf.cluster }));
    }
    lab.loop();
    lab.loop();
    assert.equal(order.join(''), 'ababab');
  });

  it('spares the class a version that one proxy rejected, gives newcomers the version before, and lifts it with the next', () => {
    const lab = new Lab();
    lab.mesh.put('c', 'cluster', 'x', 'good');
    lab.mesh.put('c', 'cluster', 'y', 'fine');
    const [a, b, late] = [lab.proxy('a', 'c'), lab.proxy('b', 'c'), lab.proxy('late', 'c')];
    lab.connect(a);
    lab.settle();
    lab.mesh.put('c', 'cluster', 'x', 'bad');
    lab.settle();
    assert.deepEqual(
      lab.nacks.map(({ node, name, detail, classWide, target }) => ({ node, name, detail, classWide, target })),
      [{ node: 'a', name: 'x', detail: 'it is bad', classWide: true, target: 'x@c' }],
    );
    for (const proxy of [b, late]) lab.connect(proxy);
    lab.settle();
    assert.equal(lab.nacks.length, 1);
    for (const proxy of [a, b, late]) assert.deepEqual(contents(proxy, 'cluster'), { x: 'good', y: 'fine' });
    assert.deepEqual(
      lab.exchange.quarantine().map(({ class: c, type, name }) => `${c} ${type} ${name}`),
      ['c cluster x'],
    );
    lab.mesh.put('c', 'cluster', 'x', 'better');
    lab.settle();
    for (const proxy of [a, b, late]) assert.equal(contents(proxy, 'cluster')['x'], 'better');
    assert.deepEqual(lab.exchange.quarantine(), []);
  });

  it('does not withhold from others what one of them has accepted', () => {
    const lab = new Lab();
    const [a, b] = [lab.proxy('a', 'c'), lab.proxy('b', 'c')];
    lab.mesh.put('c', 'listener', 'x', 'in use');
    lab.connect(a);
    lab.settle();
    const answers: unknown[] = [];
    const odd = lab.exchange.connect({ send: (message) => answers.push(message) > 0, close: () => {} });
    lab.proxy('odd', 'c');
    odd.request(requestBytes({ node: { id: 'odd' }, typeUrl: urlOf.listener }));
    lab.loop();
    lab.loop();
    odd.request(
      requestBytes({
        typeUrl: urlOf.listener,
        responseNonce: '1',
        errorDetail: { code: 13, message: 'Error adding/updating listener(s) x: cannot bind' },
      }),
    );
    lab.connect(b);
    lab.settle();
    assert.deepEqual(
      lab.nacks.map(({ node, classWide }) => ({ node, classWide })),
      [{ node: 'odd', classWide: false }],
    );
    assert.deepEqual(contents(b, 'listener'), { x: 'in use' });
  });

  it('follows a proxy to another class', () => {
    const lab = new Lab();
    lab.mesh.put('c1', 'cluster', 'x', 'one');
    lab.mesh.put('c1', 'cluster', 'y', 'one');
    lab.mesh.put('c2', 'cluster', 'x', 'two');
    const proxy = lab.proxy('a', 'c1');
    lab.connect(proxy);
    lab.settle();
    lab.move(proxy, 'c2');
    lab.settle();
    assert.deepEqual(contents(proxy, 'cluster'), { x: 'two' });
    assert.equal(lab.exchange.status()[0]?.class, 'c2');
  });

  it('serves two streams of one node, and misses the node only some time after the last has gone', () => {
    const lab = new Lab();
    lab.mesh.put('c', 'cluster', 'x', '1');
    const proxy = lab.proxy('a', 'c');
    lab.connect(proxy);
    const second = lab.exchange.connect({ send: () => true, close: () => {} });
    second.request(requestBytes({ node: { id: 'a' }, typeUrl: urlOf.cluster }));
    lab.settle();
    assert.equal(lab.exchange.status().length, 2);
    lab.drop(proxy);
    lab.now += 60_000;
    lab.exchange.tick();
    assert.deepEqual(lab.gone, []);
    second.closed();
    lab.now += 9_000;
    lab.exchange.tick();
    assert.deepEqual(lab.gone, []);
    lab.now += 1_000;
    lab.exchange.tick();
    assert.deepEqual(lab.gone, ['a']);
    lab.connect(proxy);
    lab.settle();
    assert.deepEqual(contents(proxy, 'cluster'), { x: '1' });
  });

  it('closes a stream that does not say who it is, or cannot be read, and touches no other', () => {
    const lab = new Lab();
    lab.mesh.put('c', 'cluster', 'x', '1');
    const proxy = lab.proxy('a', 'c');
    lab.connect(proxy);
    const closed: string[] = [];
    const stranger = () => lab.exchange.connect({ send: () => true, close: (code, detail) => closed.push(`${code}: ${detail}`) });
    stranger().request(requestBytes({ typeUrl: urlOf.cluster }));
    stranger().request(new Uint8Array([0xff, 0xff, 0xff]));
    stranger().request(requestBytes({ node: { id: '' }, typeUrl: urlOf.cluster }));
    stranger().request(requestBytes({ node: { id: 'nobody knows me' }, typeUrl: urlOf.cluster }));
    lab.settle();
    assert.deepEqual(closed, [
      'invalid-argument: the first request of a stream must carry the node',
      'invalid-argument: the request cannot be read: a number is cut off',
      'invalid-argument: the node cannot be read: the node has no id',
      'invalid-argument: no proxy can be made of the node "nobody knows me"',
    ]);
    assert.equal(lab.exchange.stats.streams, 1);
    assert.deepEqual(contents(proxy, 'cluster'), { x: '1' });
  });

  it('speaks once of a type it does not serve, and limits how many a stream may ask for', () => {
    const lab = new Lab();
    lab.proxy('a', 'c');
    const closed: string[] = [];
    const stream = lab.exchange.connect({ send: () => true, close: (_, detail) => closed.push(detail) });
    for (const url of ['t/One', 't/One']) stream.request(requestBytes({ node: { id: 'a' }, typeUrl: url }));
    lab.loop();
    assert.equal(lab.notices.length, 1);
    for (let i = 0; i < 70; i += 1) stream.request(requestBytes({ typeUrl: `t/${i}` }));
    assert.deepEqual(closed, ['a stream may ask for at most 64 types']);
  });

  it('tells what each stream has, waits for and has rejected', () => {
    const lab = new Lab();
    lab.mesh.put('c', 'cluster', 'x', 'bad');
    lab.mesh.put('c', 'cluster', 'y', 'fine');
    lab.connect(lab.proxy('a', 'c'));
    lab.settle();
    lab.now = 2_000;
    lab.mesh.put('c', 'cluster', 'y', 'finer');
    lab.loop();
    const status = lab.exchange.status()[0];
    const cluster = status?.types.find(({ type }) => type === 'cluster');
    assert.equal(status?.node.userAgent, 'envoy-like');
    assert.deepEqual(
      { ...cluster, refused: Object.keys(cluster?.refused ?? {}) },
      {
        type: 'cluster',
        wildcard: true,
        subscribed: 0,
        acknowledged: 0,
        unanswered: 1,
        pending: false,
        refused: ['x'],
        lastNonce: '6',
        lastSentAt: 2_000,
        lastAckAt: 1_000,
        nacks: 1,
        lastNack: '',
      },
    );
  });

  it('lets in together those who come together, and hears what they say meanwhile', () => {
    const lab = new Lab();
    for (const type of ['cluster', 'listener'] as const) lab.mesh.put('c', type, 'x', 'fine');
    const sent: string[] = [];
    let commits = 0;
    lab.mesh.graph.onCommit(() => {
      commits += 1;
    });
    for (const id of ['a', 'b', 'c']) {
      lab.proxy(id, 'c');
      const stream = lab.exchange.connect({ send: () => sent.push(id) > 0, close: () => {} });
      stream.request(requestBytes({ node: { id }, typeUrl: urlOf.cluster }));
      stream.request(requestBytes({ typeUrl: urlOf.listener }));
      if (id === 'b') stream.closed();
    }
    assert.deepEqual([commits, lab.exchange.status().map(({ class: of }) => of)], [0, ['', '']]);
    lab.loop();
    assert.deepEqual([commits, lab.exchange.status().map(({ types }) => types.length)], [1, [2, 2]]);
    lab.loop();
    assert.deepEqual(sent.sort(), ['a', 'c']);
  });

  it('ends the stream on which the pipeline fails with an error of ours, and says so', () => {
    const lab = new Lab();
    const stop = lab.mesh.graph.onCommit(() => {
      throw new Error('boom');
    });
    lab.connect(lab.proxy('a', 'c'));
    lab.loop();
    stop();
    assert.deepEqual(lab.closed, ['internal: the control plane failed on this stream']);
    assert.match(lab.notices.join(), /"a" failed: boom/);
    assert.equal(lab.exchange.stats.failures, 1);
  });
});

describe('a pipeline that fails', () => {
  it('to take in a departure ends no stream', () => {
    const lab = new Lab();
    lab.mesh.put('c', 'cluster', 'x', 'bad');
    lab.mesh.put('c', 'cluster', 'y', 'fine');
    const [a, b] = [lab.proxy('a', 'c'), lab.proxy('b', 'c')];
    lab.connect(a);
    lab.connect(b);
    lab.settle();
    lab.drop(b);
    lab.now += 20_000;
    const stop = lab.mesh.graph.onCommit(() => {
      throw new Error('boom');
    });
    lab.exchange.tick();
    stop();
    assert.match(lab.notices.join(), /the departure of "b" could not be taken in: boom/);
    lab.mesh.put('c', 'cluster', 'y', 'finer');
    lab.settle();
    assert.equal(contents(a, 'cluster')['y'], 'finer');
  });
});

type Action =
  | {
      readonly kind: 'put' | 'remove';
      readonly class: number;
      readonly type: ResourceType;
      readonly name: number;
      readonly content: string;
    }
  | { readonly kind: 'share'; readonly name: number; readonly content: string }
  | { readonly kind: 'connect' | 'drop' | 'carry' | 'answer'; readonly proxy: number }
  | { readonly kind: 'move'; readonly proxy: number; readonly class: number }
  | { readonly kind: 'loop' | 'late' | 'age' };

const CLASSES = ['red', 'blue'];
const NAMES = ['a', 'b', 'c', 'd', 'e'];

const index = (of: readonly unknown[]) => fc.nat({ max: of.length - 1 });
const type = fc.constantFrom<ResourceType>('cluster', 'endpoints', 'listener', 'route');
const actions = (content: fc.Arbitrary<string>): fc.Arbitrary<Action[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('put' as const), class: index(CLASSES), type, name: index(NAMES), content }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('remove' as const), class: index(CLASSES), type, name: index(NAMES), content }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('share' as const), name: index(NAMES), content }) },
      {
        weight: 8,
        arbitrary: fc.record({ kind: fc.constantFrom('carry' as const, 'answer' as const), proxy: fc.nat({ max: 2 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('connect' as const, 'connect' as const, 'drop' as const),
          proxy: fc.nat({ max: 2 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('move' as const), proxy: fc.nat({ max: 2 }), class: index(CLASSES) }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constantFrom('loop' as const, 'loop' as const, 'loop' as const, 'late' as const, 'age' as const),
        }),
      },
    ),
    { maxLength: 80 },
  );

function perform(lab: Lab, proxies: readonly EnvoyLike[], action: Action): void {
  if ('proxy' in action) act(lab, proxies[action.proxy] as EnvoyLike, action);
  else if (action.kind === 'put')
    lab.mesh.put(CLASSES[action.class] ?? '', action.type, NAMES[action.name] ?? '', action.content);
  else if (action.kind === 'remove') lab.mesh.remove(CLASSES[action.class] ?? '', action.type, NAMES[action.name] ?? '');
  else if (action.kind === 'share') {
    lab.mesh.commit((edit) => {
      const name = NAMES[action.name] ?? '';
      edit.content('cluster', name, action.content, name);
      for (const id of CLASSES) edit.link(id, 'cluster', name, name);
    });
  } else if (action.kind === 'loop') lab.loop();
  else if (action.kind === 'age') lab.exchange.age();
  else {
    lab.now += 6_000;
    lab.exchange.tick();
  }
}

function act(lab: Lab, proxy: EnvoyLike, action: Extract<Action, { readonly proxy: number }>): void {
  if (action.kind === 'connect') lab.connect(proxy);
  else if (action.kind === 'drop') lab.drop(proxy);
  else if (action.kind === 'carry') lab.carry(proxy);
  else if (action.kind === 'answer') proxy.answer();
  else if (action.kind === 'move') lab.move(proxy, CLASSES[action.class] ?? '');
}

/** What the tables say a proxy of a class is to have: everything, of endpoints and routes what it asks for. */
function wanted(lab: Lab, proxy: EnvoyLike, of: ResourceType): Record<string, string> {
  const view = new View(lab.mesh.graph, lab.mesh.tables);
  const shelves = view.of(lab.classOf(proxy));
  const asked = of === 'endpoints' ? proxy.have.get('cluster') : of === 'route' ? proxy.have.get('listener') : undefined;
  const rows = shelves.names(urlOf[of]).flatMap((name): [string, string][] => {
    const row = shelves.lookup(urlOf[of], name);
    if (row === undefined || row === WITHHELD || (asked !== undefined && !asked.has(name))) return [];
    return [[name, Buffer.from(row.bytes).toString()]];
  });
  return Object.fromEntries(rows.sort());
}

describe('after any history', () => {
  const TYPES: readonly ResourceType[] = ['cluster', 'endpoints', 'listener', 'route'];
  const start = (): { lab: Lab; proxies: EnvoyLike[] } => {
    const lab = new Lab();
    return { lab, proxies: ['p0', 'p1', 'p2'].map((id, i) => lab.proxy(id, CLASSES[i % 2] ?? '')) };
  };
  const finish = (lab: Lab, proxies: readonly EnvoyLike[]): void => {
    for (const proxy of proxies) if (!proxy.connected) lab.connect(proxy);
    lab.settle();
  };

  it('every proxy has what its class is to have, and got nothing twice', () => {
    fc.assert(
      fc.property(actions(fc.constantFrom('1', '2', '3')), fc.integer({ min: 1, max: 3 }), (history, capacity) => {
        const { lab, proxies } = start();
        lab.capacity = capacity;
        for (const action of history) perform(lab, proxies, action);
        finish(lab, proxies);
        for (const proxy of proxies) {
          for (const of of TYPES) assert.deepEqual(contents(proxy, of), wanted(lab, proxy, of), `${of} of ${proxy.nodeId}`);
          assert.deepEqual(proxy.needless, []);
          assert.deepEqual(proxy.cold, []);
        }
        assert.deepEqual(lab.nacks, []);
        assert.equal(lab.exchange.settled, true);
      }),
      { numRuns: 500 },
    );
  });

  it('with rejections: every proxy has what is good, never what is bad, and all talk comes to an end', () => {
    fc.assert(
      fc.property(actions(fc.constantFrom('1', '2', '3', 'bad', 'bad, too', 'bad and mute')), (history) => {
        const { lab, proxies } = start();
        for (const action of history) perform(lab, proxies, action);
        finish(lab, proxies);
        for (const proxy of proxies) {
          assert.deepEqual(proxy.cold, []);
          for (const of of TYPES) {
            const has = contents(proxy, of);
            for (const [name, content] of Object.entries(wanted(lab, proxy, of))) {
              if (content.includes('bad')) delete has[name];
              else assert.equal(has[name], content, `${of} ${name} of ${proxy.nodeId}`);
            }
            for (const [name, content] of Object.entries(has)) {
              assert.equal(wanted(lab, proxy, of)[name], content, `${of} ${name} of ${proxy.nodeId} should be gone`);
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
