import { encode, type Packet, type RecordType } from 'dns-packet';
import { opt } from './messages.ts';

/** Numbers in [0, 1) that a seed decides (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const TYPES: readonly RecordType[] = ['A', 'AAAA', 'TXT', 'MX', 'SRV', 'PTR', 'CAA', 'AXFR', 'NS', 'SOA'];
const NAMES = [
  'api.test',
  'API.test',
  '*.w.test',
  'a.b.c.w.test',
  'none.example',
  'api.test.shop.svc',
  'localhost',
  '.',
  'x'.repeat(63),
];

/** Messages of all kinds, in good order. */
function message(random: () => number): Buffer {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const name = random() < 0.3 ? `n${Math.floor(random() * 1e6)}.${one(NAMES)}` : one(NAMES);
  const packet: Packet = {
    id: Math.floor(random() * 0x10000),
    type: random() < 0.9 ? 'query' : 'response',
    flags: random() < 0.8 ? 0x0100 : Math.floor(random() * 0x10000),
    questions: [{ name: name.slice(0, 200), type: one(TYPES), class: 'IN' }],
    ...(random() < 0.5 && { additionals: [opt(Math.floor(random() * 5_000), { dnssecOk: random() < 0.5 })] }),
    ...(random() < 0.1 && { answers: [{ type: 'A' as const, name: 'api.test', data: '192.0.2.1' }] }),
  };
  return encode(packet);
}

const MUTATIONS: readonly ((bytes: Buffer, random: () => number) => Buffer)[] = [
  // Bits are turned.
  (bytes, random) => {
    for (let i = 1 + Math.floor(random() * 8); i > 0; i -= 1) {
      const at = Math.floor(random() * bytes.length);
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
    }
    return bytes;
  },
  // The end is missing, or there is more of it.
  (bytes, random) => bytes.subarray(0, Math.floor(random() * (bytes.length + 1))),
  (bytes, random) => Buffer.concat([bytes, noise(Math.floor(random() * 3_000), random)]),
  // Counts lie.
  (bytes, random) => {
    if (bytes.length >= 12) bytes.writeUInt16BE(Math.floor(random() * 0x10000), 4 + 2 * Math.floor(random() * 4));
    return bytes;
  },
  // Something points somewhere.
  (bytes, random) => {
    const at = 12 + Math.floor(random() * Math.max(1, bytes.length - 14));
    if (at + 2 <= bytes.length) bytes.writeUInt16BE(0xc000 | Math.floor(random() * 0x4000), at);
    return bytes;
  },
  // A piece is written over another.
  (bytes, random) => {
    const from = Math.floor(random() * bytes.length);
    bytes.copy(bytes, Math.floor(random() * bytes.length), from, from + Math.floor(random() * 40));
    return bytes;
  },
  // Nothing of it is left.
  (_, random) => noise(Math.floor(random() * 600), random),
];

function noise(length: number, random: () => number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

/** A message that was in good order and then not left so; one in ten is left. */
export function mutated(random: () => number, given?: Buffer): Buffer {
  let bytes = given === undefined ? message(random) : Buffer.from(given);
  for (let i = Math.floor(random() * 3.3); i > 0 && bytes.length > 0; i -= 1)
    bytes = MUTATIONS[Math.floor(random() * MUTATIONS.length)]!(bytes, random);
  return bytes;
}
