import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DecodedPacket, decode, encode, type Packet, type RecordType } from 'dns-packet';
import { type Listen, type Resolver, type ResolverOptions, startResolver } from './index.ts';
import { staticNames } from './names.ts';
import { codeOf, queryFor } from './testing/messages.ts';
import { framed, readFrames } from './wire/stream-frames.ts';

type Response = DecodedPacket;
const [SVCB, HTTPS, ANY] = [64, 65, 255];
const open: { close(): unknown }[] = [];
after(async () => {
  for (const one of open) await one.close();
});

async function resolver(options: Partial<ResolverOptions> = {}): Promise<Resolver & { readonly port: number }> {
  const made = await startResolver({ listen: [{ address: '127.0.0.1', port: 0 }], upstream: { kind: 'nobody' }, ...options });
  open.push(made);
  const [first] = made.listening;
  return { ...made, port: first !== undefined && 'port' in first ? first.port : 0 };
}

const question = (name: string, type: RecordType = 'A', id = 1) =>
  encode({ id, type: 'query', flags: 0x0100, questions: [{ name, type, class: 'IN' }] });

async function overUdp(port: number, bytes: Buffer, timeoutMs = 1_500): Promise<Response | undefined> {
  const socket = createSocket('udp4');
  const answer = new Promise<Response>((resolve) => socket.once('message', (message) => resolve(decode(message))));
  socket.send(bytes, port, '127.0.0.1');
  const first = await Promise.race([answer, sleep(timeoutMs)]);
  socket.close();
  return first ?? undefined;
}

async function overStream(listen: Listen, ...messages: Buffer[]): Promise<Response[]> {
  const socket = connect('path' in listen ? { path: listen.path } : { host: listen.address, port: listen.port });
  const got: Response[] = [];
  await new Promise<void>((resolve) => {
    readFrames(socket, 65_535, (message) => {
      got.push(decode(message));
      if (got.length === messages.length) resolve();
    });
    socket.once('close', () => resolve());
    socket.on('error', () => {});
    socket.write(Buffer.concat(messages.map(framed)));
  });
  socket.destroy();
  return got;
}

/** A server that answers UDP as it is told, and TCP on the same port with `overTcp`. */
async function upstream(
  overUdp: (query: Packet, raw: Buffer) => readonly Buffer[],
  overTcp?: (query: Packet) => Buffer,
): Promise<number> {
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    readFrames(socket, 65_535, (message) => overTcp && socket.write(framed(overTcp(decode(message)))));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => tcp.once('listening', resolve));
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => {
    for (const answer of overUdp(decode(message), message)) udp.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve));
  open.push(udp, tcp);
  return port;
}

const answering = (query: Packet, data: string, count = 1): Buffer =>
  encode({
    id: query.id!,
    type: 'response',
    questions: query.questions!,
    answers: Array.from({ length: count }, () => ({ name: query.questions![0]!.name, type: 'A' as const, ttl: 9, data })),
  });
const failing = (query: Packet, rcode: number): Buffer =>
  encode({ id: query.id!, type: 'response', flags: rcode, questions: query.questions! });
const servers = (...ports: number[]): ResolverOptions['upstream'] => ({
  kind: 'servers',
  servers: ports.map((port) => ({ address: '127.0.0.1', port })),
});
const addresses = (answer: Response | undefined) =>
  answer?.answers?.map((record) => ('data' in record ? record.data : undefined));

test('a name of the table is answered over UDP, TCP and a Unix socket, spelled as it was asked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dns-'));
  const path = join(folder, 'dns.sock');
  const names = staticNames({ 'api.test': ['192.0.2.1', '2001:db8::1'] });
  const { port, listening } = await resolver({ names, listen: [{ address: '127.0.0.1', port: 0 }, { path }] });
  const asked = await overUdp(port, question('Api.TEST'));
  assert.deepEqual([codeOf(asked), asked?.questions?.[0]?.name, addresses(asked)], ['NOERROR', 'Api.TEST', ['192.0.2.1']]);
  assert.deepEqual(
    (await overStream(listening[0]!, question('api.test', 'AAAA', 1), question('api.test', 'TXT', 2))).map(addresses),
    [['2001:db8::1'], []],
  );
  assert.deepEqual((await overStream({ path }, question('api.test'))).map(addresses), [['192.0.2.1']]);
  await rm(folder, { recursive: true });
});

test('with nobody to ask, what the table does not know does not exist', async () => {
  const { port } = await resolver();
  assert.equal(codeOf(await overUdp(port, question('x.test'))), 'NXDOMAIN');
});

test('an unknown name is asked upstream and its answer relayed with the client’s id', async () => {
  const port = await upstream((query) => [answering(query, '192.0.2.7')]);
  const answer = await overUdp((await resolver({ upstream: servers(port) })).port, question('Far.test', 'A', 4711));
  assert.deepEqual([answer?.id, answer?.questions?.[0]?.name, addresses(answer)], [4711, 'Far.test', ['192.0.2.7']]);
});

test('forged answers before the true one are ignored: another id, another name, a query', async () => {
  const port = await upstream((query, raw) => [
    answering({ ...query, id: (query.id! + 1) & 0xffff }, '203.0.113.66'),
    answering({ ...query, questions: [{ name: 'evil.test', type: 'A', class: 'IN' }] }, '203.0.113.66'),
    raw,
    Buffer.from([0]),
    answering(query, '192.0.2.7'),
  ]);
  assert.deepEqual(addresses(await overUdp((await resolver({ upstream: servers(port) })).port, question('far.test'))), [
    '192.0.2.7',
  ]);
});

test('ids differ from the client’s and from each other, and so do ports (RFC 5452 9.2)', async () => {
  const ids = new Set<number>();
  const udp = createSocket('udp4');
  const ports = new Set<number>();
  udp.on('message', (message, from) => {
    ids.add(decode(message).id!);
    ports.add(from.port);
    udp.send(answering(decode(message), '192.0.2.1'), from.port, from.address);
  });
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  open.push(udp);
  const { port } = await resolver({ upstream: servers(udp.address().port) });
  for (let i = 0; i < 20; i += 1) await overUdp(port, question(`x${i}.test`, 'A', 1));
  assert.ok(ids.size > 15 && ports.size > 5, `${ids.size} ids, ${ports.size} ports`);
});

test('a silent and a failing server are passed over; when all fail it is SERVFAIL', async () => {
  const silent = await upstream(() => []);
  const broken = await upstream((query) => [failing(query, 2)]);
  const good = await upstream((query) => [answering(query, '192.0.2.7')]);
  const first = await resolver({ upstream: servers(silent, broken, good), timeoutMs: 200 });
  assert.deepEqual(addresses(await overUdp(first.port, question('x.test'))), ['192.0.2.7']);
  const all = await resolver({ upstream: servers(silent, broken), timeoutMs: 200 });
  assert.equal(codeOf(await overUdp(all.port, question('x.test'))), 'SERVFAIL');
  const none = await resolver({ upstream: servers() });
  assert.equal(codeOf(await overUdp(none.port, question('x.test'))), 'SERVFAIL');
});

test('a server to which there is no way is passed over', async () => {
  const good = await upstream((query) => [answering(query, '192.0.2.7')]);
  const nowhere = { address: 'fe80::1%no-such-link', port: 53 };
  const made = await resolver({ upstream: { kind: 'servers', servers: [nowhere, { address: '127.0.0.1', port: good }] } });
  assert.deepEqual(addresses(await overUdp(made.port, question('x.test'))), ['192.0.2.7']);
});

test('that a name does not exist is an answer, and no reason to ask the next server', async () => {
  const knows = await upstream((query) => [failing(query, 3)]);
  const other = await upstream((query) => [answering(query, '192.0.2.7')]);
  assert.equal(codeOf(await overUdp((await resolver({ upstream: servers(knows, other) })).port, question('x.test'))), 'NXDOMAIN');
});

test('a truncated answer is fetched over TCP, and given to a UDP client as truncated when it is too long for it', async () => {
  const port = await upstream(
    (query) => [encode({ id: query.id!, type: 'response', flags: 0x0200, questions: query.questions! })],
    (query) => answering(query, '192.0.2.7', 100),
  );
  const made = await resolver({ upstream: servers(port) });
  const short = await overUdp(made.port, question('x.test'));
  assert.deepEqual([short?.flag_tc, short?.answers?.length], [true, 0]);
  const [long] = await overStream({ address: '127.0.0.1', port: made.port }, question('x.test'));
  assert.equal(long?.answers?.length, 100);
});

test('one resolver forwards to another through a Unix socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dns-'));
  const path = join(folder, 'dns.sock');
  const outside = await resolver({ listen: [{ path }], names: staticNames({ 'far.test': ['192.0.2.5'] }) });
  const inside = await resolver({ upstream: { kind: 'unix', path } });
  assert.deepEqual(addresses(await overUdp(inside.port, question('far.test'))), ['192.0.2.5']);
  assert.equal(codeOf(await overUdp(inside.port, question('none.test'))), 'NXDOMAIN');
  await outside.close();
  assert.equal(codeOf(await overUdp(inside.port, question('other.test'))), 'SERVFAIL');
  await rm(folder, { recursive: true });
});

test('a resolver whose queries are sent back to it stops at once and says so', async () => {
  const said: string[] = [];
  const forward = createSocket('udp4');
  await new Promise<void>((resolve) => forward.bind(0, '127.0.0.1', resolve));
  open.push(forward);
  const made = await resolver({ upstream: servers(forward.address().port), timeoutMs: 400, log: (line) => said.push(line) });
  let sent = 0;
  // What a redirect of port 53 does to a resolver inside.
  forward.on('message', (message) => {
    if (decode(message).type === 'query') sent += 1;
    forward.send(message, made.port, '127.0.0.1');
  });
  assert.equal(codeOf(await overUdp(made.port, question('x.test'))), 'SERVFAIL');
  assert.equal(sent, 1);
  assert.equal(said.length, 1);
  assert.match(said[0]!, /come back/);
});

test('clients that trickle or flood do not keep others from being answered', async () => {
  const made = await resolver({ names: staticNames({ 'api.test': ['192.0.2.1'] }) });
  const idle = Array.from({ length: 400 }, () => connect(made.port, '127.0.0.1').on('error', () => {}));
  for (const socket of idle) socket.write(Buffer.from([0]));
  assert.deepEqual((await overStream({ address: '127.0.0.1', port: made.port }, question('api.test'))).map(addresses), [
    ['192.0.2.1'],
  ]);
  const monster = connect(made.port, '127.0.0.1').on('error', () => {});
  monster.write(Buffer.from([0xff, 0xff]));
  await new Promise((resolve) => monster.once('close', resolve));
  for (const socket of idle) socket.destroy();
});

test('a port that is taken is said to be, and nothing stays open', async () => {
  const taken = await resolver();
  const wanted = { address: '127.0.0.1', port: taken.port };
  await assert.rejects(startResolver({ listen: [{ address: '127.0.0.1', port: 0 }, wanted], upstream: { kind: 'nobody' } }), {
    code: 'PORT_IN_USE',
    message: `the DNS resolver cannot listen on 127.0.0.1 port ${taken.port}: something else listens there`,
  });
});

/** Counts what it is asked, and answers with the address; or as `answer` says. */
async function counting(
  answer: (query: Packet, count: number) => readonly Buffer[] = (query) => [answering(query, '192.0.2.7')],
) {
  const asked: string[] = [];
  const port = await upstream((query) => {
    asked.push(query.questions![0]!.name.toLowerCase());
    return answer(query, asked.length);
  });
  return { port, asked };
}

test('what was answered is not asked again while it is in date, whatever the case of the name', async () => {
  const { port, asked } = await counting();
  const made = await resolver({ upstream: servers(port) });
  for (const name of ['x.test', 'X.test', 'x.TEST'])
    assert.deepEqual(addresses(await overUdp(made.port, question(name))), ['192.0.2.7']);
  assert.deepEqual(asked, ['x.test']);
});

test('that a name does not exist is kept as its SOA says (RFC 2308 5)', async () => {
  const data = { mname: 'ns.test', rname: 'root.test', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 60 };
  const { port, asked } = await counting((query) => [
    encode({
      id: query.id!,
      type: 'response',
      flags: 3,
      questions: query.questions!,
      authorities: [{ type: 'SOA', name: 'test', ttl: 60, data }],
    }),
  ]);
  const made = await resolver({ upstream: servers(port) });
  for (let i = 0; i < 3; i += 1) {
    const answer = await overUdp(made.port, question('x.test'));
    assert.deepEqual([codeOf(answer), answer?.authorities?.length], ['NXDOMAIN', 1]);
  }
  assert.deepEqual(asked, ['x.test']);
});

test('how questions were answered is counted', async () => {
  const { port } = await counting((query, count) => (count === 1 ? [answering(query, '192.0.2.7')] : [failing(query, 2)]));
  const made = await resolver({ upstream: servers(port), names: staticNames({ 'api.test': ['192.0.2.1'] }) });
  for (const name of ['api.test', 'x.test', 'x.test', 'y.test']) await overUdp(made.port, question(name));
  assert.deepEqual(made.counts, { table: 1, kept: 1, upstream: 2, failed: 0 });
});

test('one question that many ask at once is asked once (RFC 5452 5)', async () => {
  const { port, asked } = await counting();
  const made = await resolver({ upstream: servers(port) });
  const answers = await Promise.all(Array.from({ length: 50 }, () => overUdp(made.port, question('x.test'))));
  assert.ok(answers.every((answer) => addresses(answer)?.[0] === '192.0.2.7'));
  assert.deepEqual(asked, ['x.test']);
});

test('clients that retry a failure make no storm (RFC 9520 3.2)', async () => {
  const { port, asked } = await counting((query) => [failing(query, 2)]);
  const made = await resolver({ upstream: servers(port) });
  for (let i = 0; i < 20; i += 1) assert.equal(codeOf(await overUdp(made.port, question('x.test'))), 'SERVFAIL');
  assert.ok(asked.length <= 2, `${asked.length} queries`);
});

test('an answer that is out of date is given when all servers fail, if so wished (RFC 8767 5)', async () => {
  const brief = (query: Packet) =>
    encode({
      id: query.id!,
      type: 'response',
      questions: query.questions!,
      answers: [{ name: query.questions![0]!.name, type: 'A' as const, ttl: 1, data: '192.0.2.7' }],
    });
  for (const [staleSeconds, expected] of [
    [60, 'NOERROR'],
    [0, 'SERVFAIL'],
  ] as const) {
    const { port } = await counting((query, count) => (count === 1 ? [brief(query)] : [failing(query, 2)]));
    const made = await resolver({ upstream: servers(port), staleSeconds });
    await overUdp(made.port, question('x.test'));
    await sleep(1_050);
    const answer = await overUdp(made.port, question('x.test'));
    assert.deepEqual([codeOf(answer), addresses(answer)], [expected, expected === 'NOERROR' ? ['192.0.2.7'] : []]);
  }
});

test('asked at once, the server that is quicker answers, and one that fails keeps nobody waiting', async () => {
  const silent = await upstream(() => []);
  const broken = await upstream((query) => [failing(query, 2)]);
  const good = await upstream((query) => [answering(query, '192.0.2.7')]);
  const made = await resolver({ upstream: servers(silent, broken, good), timeoutMs: 20_000, parallel: true });
  assert.deepEqual(addresses(await overUdp(made.port, question('x.test'))), ['192.0.2.7']);
});

test('a query that was lost is sent once more before a server is given up', async () => {
  const { port, asked } = await counting((query, count) => (count === 1 ? [] : [answering(query, '192.0.2.7')]));
  const made = await resolver({ upstream: servers(port), timeoutMs: 150 });
  assert.deepEqual(addresses(await overUdp(made.port, question('x.test'))), ['192.0.2.7']);
  assert.equal(asked.length, 2);
});

test('a server that was silent is asked last for a while', async () => {
  const silent = await counting(() => []);
  const good = await counting();
  const made = await resolver({ upstream: servers(silent.port, good.port), timeoutMs: 150 });
  for (const name of ['a.test', 'b.test', 'c.test'])
    assert.deepEqual(addresses(await overUdp(made.port, question(name))), ['192.0.2.7']);
  assert.deepEqual(silent.asked, ['a.test']);
});

test('an answer in another case is not believed over UDP, and asked for over TCP (RFC 5452 9.3)', async () => {
  const port = await upstream(
    (query) => [
      answering({ ...query, questions: [{ ...query.questions![0]!, name: 'a-name-with-many-letters.TEST' }] }, '203.0.113.66'),
    ],
    (query) => answering(query, '192.0.2.7'),
  );
  const made = await resolver({ upstream: servers(port) });
  assert.deepEqual(addresses(await overUdp(made.port, question('a-name-with-many-letters.test'))), ['192.0.2.7']);
});

test('types other than addresses of a name that is ours are asked for elsewhere, where nobody can say that it does not exist', async () => {
  const { port, asked } = await counting((query) => [failing(query, 3)]);
  const made = await resolver({ upstream: servers(port), names: staticNames({ 'api.test': ['192.0.2.1'] }) });
  const answer = await overUdp(made.port, question('api.test', 'TXT'));
  assert.deepEqual([codeOf(answer), answer?.answers], ['NOERROR', []]);
  assert.deepEqual(asked, ['api.test']);
});

test('where and how else a name of ours is served is not told: hints would lead around the proxy (RFC 9460 7.3)', async () => {
  const { port, asked } = await counting();
  const made = await resolver({ upstream: servers(port), names: staticNames({ 'api.test': ['192.0.2.1'] }) });
  for (const type of [SVCB, HTTPS]) {
    const answer = await overUdp(made.port, queryFor('api.test', type));
    assert.deepEqual([codeOf(answer), answer?.flag_aa, answer?.answers], ['NOERROR', true, []]);
  }
  assert.deepEqual(asked, []);
});

test('a question for everything is answered here (RFC 8482)', async () => {
  const { port, asked } = await counting();
  const made = await resolver({ upstream: servers(port) });
  const answer = await overUdp(made.port, queryFor('x.test', ANY));
  assert.equal(answer?.answers?.[0]?.type, 'HINFO');
  assert.deepEqual(asked, []);
});

test('who does not ask for recursion gets what is known here, and no more (RFC 1035 4.1.1)', async () => {
  const { port, asked } = await counting();
  const made = await resolver({ upstream: servers(port) });
  const bytes = question('x.test');
  bytes.writeUInt16BE(0, 2);
  assert.equal(codeOf(await overUdp(made.port, bytes)), 'REFUSED');
  assert.deepEqual(asked, []);
});

test('names of the machine itself, and names that are none, are asked about nowhere (RFC 6761 6.3 and 6.4, RFC 7686, RFC 9462 8)', async () => {
  const { port, asked } = await counting();
  const made = await resolver({ upstream: servers(port) });
  assert.deepEqual(addresses(await overUdp(made.port, question('localhost'))), ['127.0.0.1']);
  assert.deepEqual(addresses(await overUdp(made.port, question('a.localhost', 'AAAA'))), ['::1']);
  for (const name of ['x.invalid', 'abc.onion', '_dns.resolver.arpa', 'use-application-dns.net'])
    assert.equal(codeOf(await overUdp(made.port, question(name))), 'NXDOMAIN');
  assert.deepEqual(asked, []);
  assert.deepEqual(addresses(await overUdp(made.port, question('notlocalhost'))), ['192.0.2.7']);
});

test('a client that looks up new names without end is refused, while names of the table are answered', async () => {
  const { port, asked } = await counting();
  const names = staticNames({ 'api.test': ['192.0.2.1'] });
  const made = await resolver({ upstream: servers(port), names, rate: { perSecond: 0.001, burst: 5 } });
  const codes = [];
  for (let i = 0; i < 8; i += 1) codes.push(codeOf(await overUdp(made.port, question(`label-${i}.evil.test`))));
  assert.deepEqual(codes, [...Array.from({ length: 5 }, () => 'NOERROR'), 'REFUSED', 'REFUSED', 'REFUSED']);
  assert.equal(asked.length, 5);
  assert.deepEqual(addresses(await overUdp(made.port, question('api.test'))), ['192.0.2.1']);
});

test('more questions than can be open at once are answered with a failure, and those before them are not lost', async () => {
  const held: (() => void)[] = [];
  const udp = createSocket('udp4');
  udp.on('message', (message, from) =>
    held.push(() => udp.send(answering(decode(message), '192.0.2.7'), from.port, from.address)),
  );
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  open.push(udp);
  const made = await resolver({ upstream: servers(udp.address().port), timeoutMs: 10_000 });
  const answers = Array.from({ length: 300 }, (_, i) => overUdp(made.port, question(`x${i}.test`), 20_000));
  while (held.length < 256) await sleep(20);
  await sleep(200);
  assert.equal(held.length, 256);
  for (const send of held) send();
  const codes = (await Promise.all(answers)).map(codeOf);
  assert.deepEqual([codes.filter((c) => c === 'NOERROR').length, codes.filter((c) => c === 'SERVFAIL').length], [256, 44]);
});

test('a client that asks over one connection what takes long, and more than it reads, is cut off or made to wait', async () => {
  const made = await resolver({
    names: staticNames({ 'big.test': Array.from({ length: 2_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`) }),
  });
  const greedy = connect(made.port, '127.0.0.1').on('error', () => {});
  const closed = new Promise((resolve) => greedy.once('close', resolve));
  greedy.pause();
  const frame = framed(question('big.test'));
  const feed = setInterval(() => greedy.write(Buffer.concat(Array.from({ length: 200 }, () => frame))), 5);
  greedy.once('error', () => {});
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  greedy.resume();
  await closed;
  clearInterval(feed);
  assert.deepEqual((await overStream({ address: '127.0.0.1', port: made.port }, question('big.test', 'AAAA'))).map(codeOf), [
    'NOERROR',
  ]);
});
