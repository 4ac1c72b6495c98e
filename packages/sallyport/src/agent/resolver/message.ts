import { type Answer, decode, encode, type Packet } from 'dns-packet';
import type { AddressType } from './names.ts';

/** A question that we are willing to look at. */
export interface Question {
  readonly id: number;
  /** As the client spelled it, without the final dot; octets that no host name has are written `\ddd`. */
  readonly name: string;
  /** `A`, `AAAA`, …; `UNKNOWN_65` and the like for types that have no name here. */
  readonly type: string;
  /** Name, type and class as they stood in the query. */
  readonly wire: Buffer;
  readonly recursionDesired: boolean;
  /** Octets of UDP payload that the client takes: 512 without EDNS. */
  readonly udpSize: number;
  readonly edns: boolean;
  /** EDNS flag DO: signatures are wanted. */
  readonly dnssecOk: boolean;
}

export type Refusal = 'FORMERR' | 'NOTIMP' | 'SERVFAIL' | 'NXDOMAIN';
const RCODE = { FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

export type Read =
  | { readonly kind: 'question'; readonly question: Question }
  | { readonly kind: 'refuse'; readonly reply: Buffer }
  /** Not even worth an answer: too short, or itself an answer. */
  | { readonly kind: 'ignore' };

const HEADER = 12;
const QUERY_MAX = 4_096;
const [QR, OPCODE, AA, TC, RD, RA] = [0x8000, 0x7800, 0x0400, 0x0200, 0x0100, 0x0080];
/** They ask for more than one name's records of one type, which a resolver without a zone cannot give. */
const NOT_SERVED: ReadonlySet<string> = new Set(['AXFR', 'IXFR', 'ANY', 'UNKNOWN_253', 'UNKNOWN_254']);

/** Looks at a query as it came; never throws, whatever the octets. The counts are checked before anything is decoded. */
export function readQuery(bytes: Buffer): Read {
  if (bytes.length < HEADER || (flagsOf(bytes) & QR) !== 0) return { kind: 'ignore' };
  if ((flagsOf(bytes) & OPCODE) !== 0) return { kind: 'refuse', reply: bareReply(bytes, 'NOTIMP') };
  const malformed: Read = { kind: 'refuse', reply: bareReply(bytes, 'FORMERR') };
  const isOneQuestion = bytes.readUInt16BE(4) === 1 && bytes.readUInt32BE(6) === 0 && bytes.readUInt16BE(10) <= 2;
  if (!isOneQuestion || bytes.length > QUERY_MAX) return malformed;
  const name = readName(bytes);
  const packet = decoded(bytes);
  const asked = packet?.questions?.[0];
  if (name === undefined || packet === undefined || asked === undefined) return malformed;
  if (asked.class !== 'IN' || NOT_SERVED.has(asked.type)) return { kind: 'refuse', reply: bareReply(bytes, 'NOTIMP') };
  const opt = packet.additionals?.find((record) => record.type === 'OPT');
  return {
    kind: 'question',
    question: {
      id: bytes.readUInt16BE(0),
      name: name.text,
      type: asked.type,
      wire: bytes.subarray(HEADER, name.end + 4),
      recursionDesired: (flagsOf(bytes) & RD) !== 0,
      udpSize: opt === undefined ? 512 : Math.max(512, opt.udpPayloadSize),
      edns: opt !== undefined,
      dnssecOk: opt?.flag_do ?? false,
    },
  };
}

/** NOERROR with these addresses; none of them means that the name exists without any of this type. */
export function addressReply(question: Question, addresses: readonly string[], ttlSeconds: number): Buffer {
  const type = question.type as AddressType;
  const records = addresses.map((data): Answer => ({ type, name: question.name, ttl: ttlSeconds, class: 'IN', data }));
  const head = reply(question, AA, records.length);
  // The library writes header, question and answers; ours stand before them already, so only the answers are taken.
  const answers = encode({ answers: records }).subarray(HEADER);
  return Buffer.concat([head, answers, optOf(question, 4_096)]);
}

/** An answer without records that says why. */
export function refusalReply(question: Question, refusal: Refusal): Buffer {
  return Buffer.concat([reply(question, RCODE[refusal], 0), optOf(question, 4_096)]);
}

/** For an answer that is too long for UDP: the client asks again over TCP. */
export function truncatedReply(question: Question): Buffer {
  return Buffer.concat([reply(question, TC, 0), optOf(question, 4_096)]);
}

/** A fresh query for a server: nothing of the client's passes but the question and whether it wants signatures. */
export function upstreamQuery(id: number, question: Question): Buffer {
  return Buffer.concat([header(id, RD, 0, question.edns), question.wire, optOf(question, 1_232)]);
}

/** Whether these octets answer the query with this id and question, and can be read to their end. */
export function isAnswerTo(bytes: Buffer, id: number, question: Question): boolean {
  const end = HEADER + question.wire.length;
  if (bytes.length < end || bytes.readUInt16BE(0) !== id || (flagsOf(bytes) & QR) === 0 || bytes.readUInt16BE(4) !== 1)
    return false;
  return lowered(bytes.subarray(HEADER, end)).equals(lowered(question.wire)) && isWhole(bytes, end);
}

export function isTruncated(bytes: Buffer): boolean {
  return (flagsOf(bytes) & TC) !== 0;
}

/** The server could not say, so another one may. */
export function isServerFailure(bytes: Buffer): boolean {
  const code = flagsOf(bytes) & 0x000f;
  return code === RCODE.SERVFAIL || code === RCODE.REFUSED || code === RCODE.NOTIMP || code === RCODE.FORMERR;
}

/** A server's answer as our client's: its id, and the name spelled as it asked. The rest stays octet for octet. */
export function relayed(bytes: Buffer, question: Question): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(question.id, 0);
  question.wire.copy(copy, HEADER);
  return copy;
}

function flagsOf(bytes: Buffer): number {
  return bytes.readUInt16BE(2);
}

function reply(question: Question, flags: number, answers: number): Buffer {
  const all = QR | RA | flags | (question.recursionDesired ? RD : 0);
  return Buffer.concat([header(question.id, all, answers, question.edns), question.wire]);
}

function header(id: number, flags: number, answers: number, hasOpt: boolean): Buffer {
  const bytes = Buffer.alloc(HEADER);
  for (const [at, value] of [id, flags, 1, answers, 0, hasOpt ? 1 : 0].entries()) bytes.writeUInt16BE(value, at * 2);
  return bytes;
}

/** The EDNS record, if the client sent one: root name, type 41, payload size, no extended code, flag DO, no options. */
function optOf(question: Question, payloadSize: number): Buffer {
  if (!question.edns) return Buffer.alloc(0);
  const bytes = Buffer.alloc(11);
  bytes.writeUInt16BE(41, 1);
  bytes.writeUInt16BE(payloadSize, 3);
  bytes.writeUInt16BE(question.dnssecOk ? 0x8000 : 0, 7);
  return bytes;
}

function bareReply(query: Buffer, refusal: Refusal): Buffer {
  const bytes = Buffer.alloc(HEADER);
  query.copy(bytes, 0, 0, 2);
  bytes.writeUInt16BE(QR | (flagsOf(query) & (OPCODE | RD)) | RA | RCODE[refusal], 2);
  return bytes;
}

/** The name of the first question: plain labels only, for nothing stands before it that a pointer could point at. */
function readName(bytes: Buffer): { readonly text: string; readonly end: number } | undefined {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = bytes[at]; length !== 0; length = bytes[at]) {
    if (length === undefined || length > 63 || at + 1 + length > bytes.length || at - HEADER > 253) return undefined;
    labels.push(
      bytes
        .toString('latin1', at + 1, at + 1 + length)
        .replace(/[^\w*-]/g, (c) => `\\${String(c.charCodeAt(0)).padStart(3, '0')}`),
    );
    at += 1 + length;
  }
  return at + 5 <= bytes.length ? { text: labels.join('.'), end: at + 1 } : undefined;
}

/** Whether the records that the counts promise are there, from `at` on. The library reads what is cut off as zeros. */
function isWhole(bytes: Buffer, at: number): boolean {
  let end = at;
  for (let left = bytes.readUInt16BE(6) + bytes.readUInt16BE(8) + bytes.readUInt16BE(10); left > 0; left -= 1) {
    for (let length = bytes[end] ?? 0; length !== 0 && length < 0xc0; length = bytes[end] ?? 0) end += 1 + length;
    // The final zero, or a pointer; then type, class, time to live, and the length of what follows.
    end += (bytes[end] ?? 0) === 0 ? 1 : 2;
    if (end + 10 > bytes.length) return false;
    end += 10 + bytes.readUInt16BE(end + 8);
    if (end > bytes.length) return false;
  }
  return true;
}

function lowered(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes.toString('latin1').replace(/[A-Z]/g, (c) => c.toLowerCase()),
    'latin1',
  );
}

function decoded(bytes: Buffer): Packet | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
