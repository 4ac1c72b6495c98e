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
import { framed, readFrames } from './stream-frames.ts';

type Response = DecodedPacket;
const CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const codeOf = (answer: Response | undefined) => answer && CODES[(answer.flags ?? 0) & 15];
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

test('ids differ from the client’s and from each other, and so do ports', async () => {
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
  for (let i = 0; i < 20; i += 1) await overUdp(port, question('x.test', 'A', 1));
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
  assert.equal(codeOf(await overUdp(inside.port, question('far.test'))), 'SERVFAIL');
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
