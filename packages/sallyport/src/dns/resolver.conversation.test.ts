import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { encode, type Packet } from 'dns-packet';
import { type AddressType, type Answer, type DnsResolver, type Question, questionKey } from '../model/index.ts';
import { createNameResolver, type NameResolver, type ResolverSettings } from './resolver.ts';
import { socketWire } from './sockets.ts';
import { type Script, type ScriptedServer, startScriptedServer } from './testing/scripted-server.ts';
import { type StillClock, stillClock } from './testing/still-clock.ts';
import type { Wire } from './wire.ts';

const API = 'api.example.com';
const question = (name = API, type: AddressType = 'A'): Question => ({ name, type });

interface Talk {
  readonly server: ScriptedServer;
  readonly clock: StillClock;
  readonly resolver: NameResolver;
  /** What proxies have now, by key. */
  readonly answers: Map<string, Answer>;
  /** How many times answers were taken over. */
  readonly news: () => number;
  readonly mostAtOnce: () => number;
  addresses(name?: string, type?: AddressType): readonly string[] | undefined;
  want(...questions: readonly Question[]): Promise<void>;
  forget(...questions: readonly Question[]): Promise<void>;
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function talk(scripts: Readonly<Record<string, Script>>, settings: ResolverSettings = {}): Promise<Talk> {
  const server = await startScriptedServer(scripts);
  let underWay = 0;
  let most = 0;
  const wire: Wire = {
    exchange: async (to, query, how) => {
      underWay += 1;
      most = Math.max(most, underWay);
      try {
        // Of a server that will be silent there is no need to wait for an answer.
        return await socketWire.exchange(to, query, server.silent ? { ...how, timeoutMs: 5 } : how);
      } finally {
        underWay -= 1;
      }
    },
  };
  const clock = stillClock(() => underWay > 0);
  const answers = new Map<string, Answer>();
  let news = 0;
  const resolver = createNameResolver({
    wire,
    clock,
    systemServers: () => [server],
    onAnswers: (changed) => {
      news += 1;
      for (const [key, answer] of changed) {
        if (answer === undefined) answers.delete(key);
        else answers.set(key, answer);
      }
    },
  });
  resolver.configure(settings);
  open.push(server, resolver);
  const change = async (questions: readonly Question[], present: boolean): Promise<void> => {
    resolver.want(new Map(questions.map((q) => [questionKey(q), present ? q : undefined])));
    await clock.pass(20);
  };
  return {
    server,
    clock,
    resolver,
    answers,
    news: () => news,
    mostAtOnce: () => most,
    addresses: (name, type) => answers.get(questionKey(question(name, type)))?.addresses,
    want: (...questions) => change(questions, true),
    forget: (...questions) => change(questions, false),
  };
}

const MINUTE = 60_000;

describe('a name that is looked up', () => {
  test('is asked once, however often it is wanted, and again only when its time has come', async () => {
    const { server, clock, want, addresses } = await talk({ [API]: { addresses: ['192.0.2.1', '192.0.2.2'], ttl: 30 } });
    await want(question(), question());
    await want(question());
    assert.deepEqual(addresses(), ['192.0.2.1', '192.0.2.2']);
    assert.equal(server.count(API), 1);
    await clock.pass(29_000);
    assert.equal(server.count(API), 1);
    await clock.pass(2_000);
    assert.equal(server.count(API), 2);
  });

  test('is asked for absolutely, by a random id from a random port', async () => {
    const { server, clock, want } = await talk({ [API]: { addresses: ['192.0.2.1'], ttl: 30 } });
    await want(question());
    await clock.pass(8 * 31_000);
    assert.ok(server.queries.length >= 8);
    assert.deepEqual([...new Set(server.queries.map(({ name }) => name))], [API]);
    assert.ok(new Set(server.queries.map(({ id }) => id)).size > 6);
    assert.ok(new Set(server.queries.map(({ port }) => port)).size > 3);
  });

  test('is asked no sooner than the floor and no later than the ceiling', async () => {
    const timing = { minTtlMs: 5_000, maxTtlMs: MINUTE };
    const { server, clock, want } = await talk(
      { a: { addresses: ['192.0.2.1'], ttl: 0 }, b: { addresses: ['192.0.2.1'], ttl: 86_400 } },
      { timing },
    );
    await want(question('a'), question('b'));
    await clock.pass(MINUTE);
    assert.ok(server.count('a') <= 13 && server.count('a') >= 11, String(server.count('a')));
    assert.equal(server.count('b'), 2);
  });

  test('gives no news when the answer is the same, and the order of the server when it is another', async () => {
    const { clock, want, news, addresses } = await talk({
      [API]: { addresses: ['192.0.2.1'], ttl: 30 },
      turning: { addresses: ['192.0.2.1', '192.0.2.2'], ttl: 30, rotates: true },
    });
    await want(question());
    await clock.pass(5 * MINUTE);
    assert.equal(news(), 1);
    await want(question('turning'));
    assert.deepEqual(addresses('turning'), ['192.0.2.1', '192.0.2.2']);
    await clock.pass(31_000);
    assert.deepEqual(addresses('turning'), ['192.0.2.2', '192.0.2.1']);
  });

  test('follows to a new address when the old answer has run out', async () => {
    const { server, clock, want, addresses } = await talk({ [API]: { addresses: ['192.0.2.1'], ttl: 10 } });
    await want(question());
    server.script(API, { addresses: ['192.0.2.9'], ttl: 10 });
    await clock.pass(11_000);
    assert.deepEqual(addresses(), ['192.0.2.9']);
  });

  test('is no longer asked for when nobody wants it', async () => {
    const { server, clock, want, forget, addresses, resolver } = await talk({ [API]: { addresses: ['192.0.2.1'], ttl: 5 } });
    await want(question());
    await forget(question());
    assert.equal(addresses(), undefined);
    await clock.pass(MINUTE);
    assert.equal(server.count(API), 1);
    assert.deepEqual(resolver.status(), []);
  });

  test('is asked in both families, each by itself', async () => {
    const { want, addresses } = await talk({ [API]: { addresses: ['192.0.2.1', '2001:db8::1'] } });
    await want(question(API, 'A'), question(API, 'AAAA'));
    assert.deepEqual(addresses(API, 'A'), ['192.0.2.1']);
    assert.deepEqual(addresses(API, 'AAAA'), ['2001:db8::1']);
  });

  test('is followed over its aliases, with the least of their times', async () => {
    const { want, addresses, resolver } = await talk({
      [API]: { aliases: ['b.test', 'c.test'], addresses: ['192.0.2.7'], ttl: 17 },
    });
    await want(question());
    assert.deepEqual(addresses(), ['192.0.2.7']);
    assert.equal(resolver.status()[0]?.ttlSeconds, 17);
  });
});

describe('a name that does not exist', () => {
  test('has no addresses, for as long as its zone says', async () => {
    const { server, clock, want, addresses } = await talk({
      gone: { code: 'NXDOMAIN', negativeTtl: 20 },
      [API]: { negativeTtl: 40 },
    });
    await want(question('gone'), question());
    assert.deepEqual([addresses('gone'), addresses()], [[], []]);
    await clock.pass(45_000);
    assert.equal(server.count('gone'), 3);
    assert.equal(server.count(API), 2);
  });

  test('loses the addresses it had, and gets new ones', async () => {
    const { server, clock, want, addresses } = await talk({ [API]: { addresses: ['192.0.2.1'], ttl: 10 } });
    await want(question());
    server.script(API, { code: 'NXDOMAIN', negativeTtl: 10 });
    await clock.pass(11_000);
    assert.deepEqual(addresses(), []);
    server.script(API, { addresses: ['192.0.2.2'], ttl: 10 });
    await clock.pass(11_000);
    assert.deepEqual(addresses(), ['192.0.2.2']);
  });
});

describe('a server that fails', () => {
  for (const [what, fail] of [
    ['says SERVFAIL', (server: ScriptedServer) => server.script(API, { code: 'SERVFAIL' })],
    ['is silent', (server: ScriptedServer) => Object.assign(server, { silent: true })],
  ] as const) {
    test(`and ${what} leaves the last answer in use, is asked less and less, and is believed again`, async () => {
      const { server, clock, want, addresses, news, resolver } = await talk({ [API]: { addresses: ['192.0.2.1'], ttl: 5 } });
      await want(question());
      fail(server);
      const before = server.queries.length;
      await clock.pass(10 * MINUTE);
      assert.deepEqual(addresses(), ['192.0.2.1']);
      assert.equal(news(), 1);
      assert.ok(resolver.status()[0]!.failures > 10);
      assert.match(resolver.status()[0]!.error ?? '', /SERVFAIL|no answer/);
      // With half of the longest wait by chance: at most one in 15 seconds after the first few.
      assert.ok(server.queries.length - before < 50, String(server.queries.length - before));
      server.silent = false;
      server.script(API, { addresses: ['192.0.2.2'], ttl: 5 });
      await clock.pass(31_000);
      assert.deepEqual(addresses(), ['192.0.2.2']);
      assert.equal(resolver.status()[0]!.failures, 0);
    });
  }

  test('from the beginning is told from one that has not been heard yet', async () => {
    const { server, clock, want, answers } = await talk({ [API]: { code: 'SERVFAIL' } });
    await want(question());
    await clock.pass(100);
    assert.deepEqual(answers.get(questionKey(question())), { ...question(), addresses: [], unanswered: true });
    server.script(API, { addresses: ['192.0.2.1'] });
    await clock.pass(2_000);
    assert.deepEqual(answers.get(questionKey(question()))?.addresses, ['192.0.2.1']);
  });

  test('is passed over for the next one', async () => {
    const dead: DnsResolver = { address: '127.0.0.1', port: 1 };
    const { server, clock, want, addresses, resolver } = await talk({ [API]: { addresses: ['192.0.2.1'] } });
    resolver.configure({ servers: [dead, server] });
    await want(question());
    await clock.pass(100);
    assert.deepEqual(addresses(), ['192.0.2.1']);
    assert.equal(resolver.status()[0]?.server, `127.0.0.1:${server.port}`);
  });

  test('of EDNS is asked without it', async () => {
    const { server, want, clock, addresses } = await talk({});
    server.script(API, { before: (query) => (query.additionals?.length ? [refusal(query)] : []), addresses: ['192.0.2.3'] });
    await want(question());
    await clock.pass(100);
    assert.deepEqual(addresses(), ['192.0.2.3']);
    assert.equal(server.count(API), 2);
  });
});

const refusal = (query: Packet): Buffer =>
  encode({ type: 'response', id: query.id ?? 0, flags: 1, questions: query.questions ?? [] });
const forged = (query: Packet, change: Partial<Packet>, name = API): Buffer =>
  encode({
    type: 'response',
    id: query.id ?? 0,
    questions: query.questions ?? [],
    answers: [{ type: 'A', name, ttl: 60, data: '203.0.113.66' }],
    ...change,
  } as Packet);

describe('an answer', () => {
  test('that is truncated is fetched over TCP', async () => {
    const many = Array.from({ length: 100 }, (_, i) => `192.0.2.${i + 1}`);
    const { server, want, addresses } = await talk({ [API]: { addresses: many, truncates: true } });
    await want(question());
    assert.deepEqual(addresses(), many);
    assert.deepEqual(
      server.queries.map(({ over }) => over),
      ['udp', 'tcp'],
    );
  });

  test('counts only with the right id, question and name', async () => {
    const { server, want, addresses } = await talk({});
    server.script(API, {
      addresses: ['192.0.2.1'],
      before: (query) => [
        Buffer.from('junk'),
        forged(query, { id: ((query.id ?? 0) + 1) & 0xffff }),
        forged(query, { questions: [{ type: 'A', class: 'IN', name: 'other.example.com' }] }),
        forged(query, { questions: [{ type: 'AAAA', class: 'IN', name: API }] }),
        forged(query, { type: 'query' }),
      ],
    });
    await want(question());
    assert.deepEqual(addresses(), ['192.0.2.1']);
  });

  test('that speaks of another name beside says nothing of ours', async () => {
    const { server, want, addresses } = await talk({});
    server.script(API, { before: (query) => [forged(query, {}, 'other.example.com')] });
    await want(question());
    assert.deepEqual(addresses(), []);
  });

  test('whose aliases go round in a circle is a failure', async () => {
    const { want, clock, answers } = await talk({
      [API]: { aliases: Array.from({ length: 20 }, (_, i) => `a${i}.test`), addresses: ['192.0.2.1'] },
    });
    await want(question());
    await clock.pass(50);
    assert.equal(answers.get(questionKey(question()))?.unanswered, true);
  });

  test('that leads out of the Internet has the last good one beside it, for five minutes', async () => {
    const { server, clock, want, answers } = await talk({ [API]: { addresses: ['198.51.100.1'], ttl: 5 } });
    await want(question());
    server.script(API, { addresses: ['169.254.169.254'], ttl: 5 });
    await clock.pass(6_000);
    assert.deepEqual(answers.get(questionKey(question())), {
      ...question(),
      addresses: ['169.254.169.254'],
      before: ['198.51.100.1'],
    });
    await clock.pass(6 * MINUTE);
    assert.deepEqual(answers.get(questionKey(question())), { ...question(), addresses: ['169.254.169.254'] });
  });
});

describe('resolvers of several zones', () => {
  test('are compared, and a name on which they have nothing in common is told', async () => {
    const scripts = { [API]: { addresses: ['192.0.2.1'] }, same: { addresses: ['192.0.2.5', '192.0.2.6'] } };
    const { server, want, clock, answers, resolver } = await talk(scripts);
    const other = await startScriptedServer({ [API]: { addresses: ['198.51.100.1'] }, same: { addresses: ['192.0.2.6'] } });
    open.push(other);
    resolver.configure({
      servers: [
        { ...server, zone: 'a' },
        { ...other, zone: 'b' },
      ],
    });
    await want(question(), question('same'));
    await clock.pass(100);
    assert.deepEqual(answers.get(questionKey(question()))?.elsewhere, [{ zone: 'b', addresses: ['198.51.100.1'] }]);
    assert.deepEqual(answers.get(questionKey(question('same'))), { ...question('same'), addresses: ['192.0.2.5', '192.0.2.6'] });
    // Comparing is for telling, and need not be done for every answer.
    await clock.pass(5 * MINUTE);
    assert.equal(other.count(API), 1);
    assert.ok(server.count(API) > 4);
  });

  test('other servers are asked at once when they are named', async () => {
    const { want, clock, addresses, resolver } = await talk({ [API]: { addresses: ['192.0.2.1'], ttl: 300 } });
    const other = await startScriptedServer({ [API]: { addresses: ['198.51.100.1'] } });
    open.push(other);
    await want(question());
    resolver.configure({ servers: [other] });
    await clock.pass(100);
    assert.deepEqual(addresses(), ['198.51.100.1']);
  });
});

test('many names are asked for a few at a time', async () => {
  const names = Array.from({ length: 300 }, (_, i) => `n${i}.test`);
  const scripts = Object.fromEntries(names.map((name, i) => [name, { addresses: [`192.0.2.${i % 250}`] }]));
  const { want, clock, addresses, mostAtOnce } = await talk(scripts);
  await want(...names.map((name) => question(name)));
  for (let i = 0; i < 100 && names.some((name) => addresses(name) === undefined); i += 1) await clock.pass(10);
  assert.deepEqual(
    names.filter((name) => addresses(name) === undefined),
    [],
  );
  assert.ok(mostAtOnce() <= 64, String(mostAtOnce()));
});
