import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type Answer, type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import { startResolver } from 'sallyport/agent/resolver/index.ts';
import { NameTable } from 'sallyport/agent/resolver/name-table.ts';
import type { NamedHost } from 'sallyport/agent/resolver/short-forms.ts';
import { framed, readFrames } from 'sallyport/agent/resolver/wire/stream-frames.ts';
import type { Json } from './vectors.ts';

export interface DnsVectors {
  readonly server: {
    readonly proxyNamespace: string;
    readonly proxyDomain: string;
    readonly searchDomains: readonly string[];
    readonly table: Readonly<Record<string, NamedHost & { readonly ips: readonly string[] }>>;
    readonly upstream: Readonly<Record<string, UpstreamName>>;
  };
  readonly queries: readonly DnsQuery[];
}

interface UpstreamName {
  readonly rcode: string;
  /** Records, or a sentence that describes them. */
  readonly answer?: readonly { readonly name: string; readonly type: 'A'; readonly data: string }[] | string;
}

export interface DnsQuery {
  readonly source: string;
  readonly net: 'udp' | 'tcp';
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  readonly edns?: number;
  readonly expect: Readonly<Record<string, Json>>;
}

const CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const TTL = 30;

/** What the agent's DNS server says to each query, in the form of `expect`, asked over real sockets. */
export async function answersOf({ server, queries }: DnsVectors): Promise<readonly Json[]> {
  const { proxyNamespace, proxyDomain, searchDomains, table } = server;
  const names = new NameTable({ namespace: proxyNamespace, domain: proxyDomain }, searchDomains[0]);
  for (const [host, row] of Object.entries(table)) names.put(host, row);
  names.ready = true;
  const upstream = await startUpstream(server.upstream);
  const servers = [{ address: '127.0.0.1', port: upstream.port }];
  const resolver = await startResolver({
    listen: [{ address: '127.0.0.1', port: 0 }],
    names,
    upstream: { kind: 'servers', servers },
  });
  try {
    const [listening] = resolver.listening;
    const port = listening !== undefined && 'port' in listening ? listening.port : 0;
    const found: Json[] = [];
    for (const query of queries)
      found.push(answerOf(await (query.net === 'udp' ? overUdp : overTcp)(port, messageOf(query)), query));
    return found;
  } finally {
    await resolver.close();
    upstream.close();
  }
}

function messageOf({ name, type, edns }: DnsQuery): Buffer {
  const opt = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: edns,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  return encode({
    id: 1,
    type: 'query',
    flags: 0x0100,
    questions: [{ name, type, class: 'IN' }],
    ...(edns !== undefined && { additionals: [opt as unknown as Answer] }),
  });
}

/** Of long answers the vectors say how many records there are, and the first one. */
function answerOf(packet: DecodedPacket, { expect }: DnsQuery): Json {
  const records = (packet.answers ?? []).map((record) => ({
    name: absolute(record.name),
    type: record.type,
    data: record.type === 'CNAME' ? absolute(record.data) : 'data' in record ? String(record.data) : '',
    ttl: 'ttl' in record ? (record.ttl ?? 0) : 0,
  }));
  const head = {
    rcode: CODES[(packet.flags ?? 0) & 15] ?? '',
    truncated: packet.flag_tc === true,
    authoritative: packet.flag_aa === true,
  };
  if ('answerCount' in expect) return { ...head, answerCount: records.length, answerFirst: records[0] ?? null };
  const [first, ...rest] = records;
  const ordered = first?.type === 'CNAME' ? [first, ...rest.sort(byData)] : records.sort(byData);
  return { ...head, answer: ordered };
}

const byData = (a: { readonly data: string }, b: { readonly data: string }): number => (a.data < b.data ? -1 : 1);
const absolute = (name: string): string => (name.endsWith('.') ? name : `${name}.`);

/** The server that the vectors describe: one name with a long answer that it never cuts, and one that it cuts to 512 octets. */
async function startUpstream(names: Readonly<Record<string, UpstreamName>>): Promise<{ port: number; close(): void }> {
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    readFrames(socket, 65_535, (message) => socket.write(framed(said(names, message))));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => tcp.once('listening', resolve));
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => udp.send(said(names, message), from.port, from.address));
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve));
  return {
    port,
    close: () => {
      udp.close();
      tcp.close();
    },
  };
}

function said(names: Readonly<Record<string, UpstreamName>>, message: Buffer): Buffer {
  const query: Packet = decode(message);
  const { id = 0, questions = [] } = query;
  const name = absolute(questions[0]?.name ?? '').toLowerCase();
  const { rcode, answer = [] } = names[name] ?? names['*']!;
  const head = { id, type: 'response' as const, questions };
  if (typeof answer !== 'string') {
    const answers = answer.map(({ name: of, type, data }): Answer => ({ name: absolute(of).slice(0, -1), type, data, ttl: TTL }));
    return encode({ ...head, flags: CODES.indexOf(rcode), answers });
  }
  return giant(
    message,
    name === 'giant-tc.' ? (query.additionals?.find((record) => record.type === 'OPT')?.udpPayloadSize ?? 512) : 65_535,
  );
}

const GIANT = 64;
const GIANT_NAME = '\x0caaaaaaaaaaaa\x06aaaaaa\x00';

/** As many of the records as fit, with TC if these are not all. They stand as Istio's library writes them: names after the first are pointers to it. */
function giant(query: Buffer, most: number): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const first = 12 + question.length;
  const records: Buffer[] = [];
  let length = first;
  for (let i = 0; i < GIANT; i += 1) {
    const name = i === 0 ? Buffer.from(GIANT_NAME, 'latin1') : Buffer.from([0xc0, first]);
    const record = Buffer.concat([name, Buffer.from([0, 1, 0, 1, 0, 0, 0, TTL, 0, 4, 240, 0, 0, i])]);
    if (length + record.length > most) break;
    length += record.length;
    records.push(record);
  }
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(records.length < GIANT ? 0x8380 : 0x8180, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, question, ...records]);
}

async function overUdp(port: number, message: Buffer): Promise<DecodedPacket> {
  const socket: UdpSocket = createSocket('udp4');
  try {
    return await new Promise((resolve, reject) => {
      socket.once('message', (bytes) => resolve(decode(bytes)));
      socket.once('error', reject);
      socket.send(message, port, '127.0.0.1');
      setTimeout(() => reject(new Error('no answer within 15 s')), 15_000).unref();
    });
  } finally {
    socket.close();
  }
}

async function overTcp(port: number, message: Buffer): Promise<DecodedPacket> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await new Promise((resolve, reject) => {
      readFrames(socket, 65_535, (bytes) => resolve(decode(bytes)));
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the connection was closed')));
      socket.write(framed(message));
    });
  } finally {
    socket.destroy();
  }
}
