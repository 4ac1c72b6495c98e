import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet } from 'dns-packet';
import { ipFamily } from '../../lib/ip.ts';

/** What the server says to questions for one name. */
export interface Script {
  /** IPv4 and IPv6; a question gets those of its type. */
  readonly addresses?: readonly string[];
  readonly ttl?: number;
  /** Each answer begins with the next address, as some servers balance. */
  readonly rotates?: boolean;
  /** Names on the way: the name asked for is an alias of the first, that of the second, and so on. */
  readonly aliases?: readonly string[];
  /** NXDOMAIN, SERVFAIL, REFUSED, FORMERR… */
  readonly code?: string;
  /** Minimum of the SOA record that stands beside "there is none"; absent: no such record. */
  readonly negativeTtl?: number;
  /** Over UDP nothing but the sign to come back over TCP. */
  readonly truncates?: boolean;
  /** Packets that are sent before the right one. */
  readonly before?: (query: Packet) => readonly Buffer[];
}

export interface ScriptedServer {
  readonly address: string;
  readonly port: number;
  /** Every query that came, in order. */
  readonly queries: readonly {
    readonly name: string;
    readonly type: string;
    readonly over: 'udp' | 'tcp';
    readonly port: number;
    readonly id: number;
  }[];
  count(name: string, type?: string): number;
  /** Queries come and are not answered. */
  silent: boolean;
  script(name: string, script: Script): void;
  close(): Promise<void>;
}

/** An authoritative server for whatever it is told; other names do not exist. Counts what it is asked. */
export async function startScriptedServer(
  scripts: Readonly<Record<string, Script>> = {},
  address = '127.0.0.1',
  port = 0,
): Promise<ScriptedServer> {
  const known = new Map(Object.entries(scripts));
  const queries: { name: string; type: string; over: 'udp' | 'tcp'; port: number; id: number }[] = [];
  const turns = new Map<string, number>();
  const udp = createSocket(ipFamily(address) === 6 ? 'udp6' : 'udp4');
  const server = {
    address,
    port,
    queries,
    count: (name: string, type?: string) =>
      queries.filter((q) => q.name === name && (type === undefined || q.type === type)).length,
    silent: false,
    script: (name: string, script: Script) => void known.set(name, script),
    close: async () => {
      udp.close();
      tcp.close();
    },
  };
  const replies = (bytes: Buffer, over: 'udp' | 'tcp', from: number): readonly Buffer[] => {
    const query = decode(bytes);
    const asked = query.questions?.[0];
    if (asked === undefined) return [];
    const name = asked.name.toLowerCase();
    queries.push({ name, type: asked.type, over, port: from, id: query.id ?? 0 });
    if (server.silent) return [];
    const script = known.get(name);
    const turn = turns.get(`${name} ${asked.type}`) ?? 0;
    turns.set(`${name} ${asked.type}`, turn + 1);
    return [...(script?.before?.(query) ?? []), replyTo(query, script ?? { code: 'NXDOMAIN' }, over, turn)];
  };
  udp.on('message', (bytes, from) => {
    for (const reply of replies(bytes, 'udp', from.port)) udp.send(reply, from.port, from.address);
  });
  udp.bind(port, address);
  await once(udp, 'listening');
  server.port = udp.address().port;
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (part) => {
      for (const reply of replies(part.subarray(2), 'tcp', socket.remotePort ?? 0)) {
        const head = Buffer.alloc(2);
        head.writeUInt16BE(reply.length);
        // In pieces, as a network may deliver it.
        socket.write(head);
        socket.write(reply.subarray(0, 5));
        socket.write(reply.subarray(5));
      }
    });
  }).listen(server.port, address);
  await once(tcp, 'listening');
  if ((tcp.address() as AddressInfo).port !== server.port) throw new Error('UDP and TCP are on different ports');
  return server;
}

const CODES: Readonly<Record<string, number>> = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
const TRUNCATED = 0x0200;

function replyTo(query: Packet, script: Script, over: 'udp' | 'tcp', turn: number): Buffer {
  const { name, type } = query.questions![0]!;
  const { addresses = [], ttl = 60, aliases = [], code = 'NOERROR', truncates = false, rotates = false, negativeTtl } = script;
  const cut = truncates && over === 'udp';
  const own = addresses.filter((address) => (ipFamily(address) === 6 ? 'AAAA' : 'A') === type);
  const first = rotates && own.length > 0 ? turn % own.length : 0;
  const ordered = [...own.slice(first), ...own.slice(0, first)];
  const names = [name, ...aliases];
  const answers = [
    ...aliases.map((alias, i): Answer => ({ type: 'CNAME', name: names[i]!, ttl, data: alias })),
    ...ordered.map((data) => ({ type, name: names.at(-1)!, ttl, data }) as Answer),
  ];
  const empty = code !== 'NOERROR' || ordered.length === 0;
  const soa = { mname: 'ns.test', rname: 'root.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: negativeTtl ?? 0 };
  return encode({
    type: 'response',
    id: query.id ?? 0,
    flags: AUTHORITATIVE_ANSWER | (CODES[code] ?? 0) | (cut ? TRUNCATED : 0),
    questions: query.questions ?? [],
    answers: cut || code !== 'NOERROR' ? [] : answers,
    ...(empty && negativeTtl !== undefined && { authorities: [{ type: 'SOA', name: 'test', ttl: negativeTtl, data: soa }] }),
  } as Packet);
}
