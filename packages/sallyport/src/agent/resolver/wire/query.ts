import { decode, type Packet } from 'dns-packet';
import { LEAST_PAYLOAD, optRecord, UDP_PAYLOAD } from './edns.ts';
import { AD, CD, flagsOf, HEADER, OPCODE, QR, RA, RCODE, type Rcode, RD } from './header.ts';

/** A question that we are willing to look at. */
export interface Question {
  readonly id: number;
  /** In lower case (RFC 4343), without the final dot; octets that no host name has are written `\ddd`. */
  readonly name: string;
  /** `A`, `AAAA`, …; `UNKNOWN_65` and the like for types that have no name here. */
  readonly type: string;
  /** Name, type and class as they stood in the query: answers repeat the spelling, which some clients check ("0x20"). */
  readonly wire: Buffer;
  readonly recursionDesired: boolean;
  /** Flags AD and CD as the client set them. */
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  /** Octets of UDP payload that the client takes: 512 without EDNS. */
  readonly udpSize: number;
  readonly edns: boolean;
  /** EDNS flag DO: signatures are wanted. */
  readonly dnssecOk: boolean;
}

export type Read =
  | { readonly kind: 'question'; readonly question: Question }
  | { readonly kind: 'refuse'; readonly reply: Buffer }
  /** Not even worth an answer: too short, or itself an answer. */
  | { readonly kind: 'ignore' };

const QUERY_MAX = 4_096;
/** A name takes 255 octets with its lengths and its end (RFC 1035 3.1). */
const NAME_MAX = 255;
const BADVERS = 16;
/** They ask for more than one name's records, which a resolver without a zone cannot give. */
const NOT_SERVED: ReadonlySet<string> = new Set(['AXFR', 'IXFR', 'UNKNOWN_253', 'UNKNOWN_254', 'OPT']);

/**
 * Looks at a query as it came; never throws, whatever the octets. The counts are checked before anything is decoded. One question
 * is read, no more and no less (RFC 9619), of class IN.
 */
export function readQuery(bytes: Buffer): Read {
  if (bytes.length < HEADER || (flagsOf(bytes) & QR) !== 0) return { kind: 'ignore' };
  if ((flagsOf(bytes) & OPCODE) !== 0) return { kind: 'refuse', reply: bareReply(bytes, 'NOTIMP') };
  const malformed: Read = { kind: 'refuse', reply: bareReply(bytes, 'FORMERR') };
  const isOneQuestion = bytes.readUInt16BE(4) === 1 && bytes.readUInt32BE(6) === 0 && bytes.readUInt16BE(10) <= 2;
  if (!isOneQuestion || bytes.length > QUERY_MAX) return malformed;
  const name = readName(bytes);
  if (name === undefined) return malformed;
  const packet = decoded(bytes);
  const asked = packet?.questions?.[0];
  if (packet === undefined || asked === undefined) return malformed;
  const options = packet.additionals?.filter((record) => record.type === 'OPT') ?? [];
  // RFC 6891 6.1.1: more than one is a format error; 6.1.3: a version that we do not speak is said to be none.
  if (options.length > 1) return malformed;
  const [opt] = options;
  const question: Question = {
    id: bytes.readUInt16BE(0),
    name: name.text,
    type: asked.type,
    wire: bytes.subarray(HEADER, name.end + 4),
    recursionDesired: (flagsOf(bytes) & RD) !== 0,
    authenticData: (flagsOf(bytes) & AD) !== 0,
    checkingDisabled: (flagsOf(bytes) & CD) !== 0,
    udpSize: opt === undefined ? LEAST_PAYLOAD : Math.min(UDP_PAYLOAD, Math.max(LEAST_PAYLOAD, opt.udpPayloadSize)),
    edns: opt !== undefined,
    dnssecOk: opt?.flag_do ?? false,
  };
  if (opt !== undefined && opt.ednsVersion !== 0) return { kind: 'refuse', reply: badVersion(question) };
  if (asked.class !== 'IN' || NOT_SERVED.has(asked.type)) return { kind: 'refuse', reply: bareReply(bytes, 'NOTIMP') };
  return { kind: 'question', question };
}

/** The shortest answer there is, to what need not even be a query: a header, so that it is never longer than what it answers. */
export function bareReply(query: Buffer, rcode: Rcode): Buffer {
  const bytes = Buffer.alloc(HEADER);
  query.copy(bytes, 0, 0, 2);
  bytes.writeUInt16BE(QR | (flagsOf(query) & (OPCODE | RD)) | RA | RCODE[rcode], 2);
  return bytes;
}

function badVersion({ id, wire, recursionDesired }: Question): Buffer {
  const head = Buffer.alloc(HEADER);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(QR | RA | (recursionDesired ? RD : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(1, 10);
  return Buffer.concat([head, wire, optRecord(UDP_PAYLOAD, false, BADVERS >> 4)]);
}

/** The name of the first question: plain labels only, for nothing stands before it that a pointer could point at. */
function readName(bytes: Buffer): { readonly text: string; readonly end: number } | undefined {
  let text = '';
  let at = HEADER;
  for (let length = bytes[at]; length !== 0; length = bytes[at]) {
    if (length === undefined || length > 63 || at + 1 + length > bytes.length) return undefined;
    const label = bytes.toString('latin1', at + 1, at + 1 + length);
    text += (at === HEADER ? '' : '.') + (PLAIN.test(label) ? label : escaped(label));
    at += 1 + length;
    if (at + 1 - HEADER > NAME_MAX) return undefined;
  }
  return at + 5 <= bytes.length ? { text: text.toLowerCase(), end: at + 1 } : undefined;
}

const PLAIN = /^[\w*-]+$/;

function escaped(label: string): string {
  return label.replace(/[^\w*-]/g, (c) => `\\${String(c.charCodeAt(0)).padStart(3, '0')}`);
}

function decoded(bytes: Buffer): Packet | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
