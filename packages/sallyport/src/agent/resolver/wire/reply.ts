import { isIPv4 } from 'node:net';
import { ipOctets } from '../../../lib/ip-number.ts';
import { type ExtendedError, optRecord, UDP_PAYLOAD } from './edns.ts';
import { AA, HEADER, QR, RA, RCODE, type Rcode, RD, TC, TYPE, writeHeader } from './header.ts';
import type { Question } from './query.ts';

/** A record that answers for the name in the question: a pointer to it, type, class, time to live, length. */
const RECORD_HEAD = 12;
const QUESTION_NAME = 0xc000 | HEADER;
const IN = 1;

export interface AddressAnswer {
  /** All of one family. Encoded once: the same array costs nothing the next time. */
  readonly addresses: readonly string[];
  readonly ttlSeconds: number;
  /** The name that has the addresses, if it is not the one asked for: then a CNAME comes first (RFC 1034 3.6.2). */
  readonly alias?: string;
  /** Which address comes first, so that clients that take the first do not all take the same. */
  readonly first?: number;
  /** Octets that the answer may have. What does not fit is left out, and flag TC set (RFC 2181 9). */
  readonly most: number;
}

/** NOERROR, authoritative, with these addresses; none of them means that the name exists without any of this type (RFC 2308 2.2). */
export function addressReply(question: Question, answer: AddressAnswer): Buffer {
  const { addresses, alias, ttlSeconds, first = 0, most } = answer;
  const records = recordsOf(addresses, ttlSeconds);
  const { wire } = question;
  const opt = optOf(question);
  const link = alias === undefined || addresses.length === 0 ? undefined : cname(alias, ttlSeconds);
  const linkOctets = link?.length ?? 0;
  const size = addresses.length === 0 ? 0 : records.length / addresses.length;
  const room = most - HEADER - wire.length - linkOctets - opt.length;
  const shown = size === 0 || records.length <= room ? addresses.length : Math.max(0, Math.floor(room / size));
  const reply = Buffer.allocUnsafe(HEADER + wire.length + linkOctets + shown * size + opt.length);
  const isCut = shown < addresses.length;
  writeHeader(
    reply,
    question.id,
    flagsFor(question, AA | (isCut ? TC : 0)),
    shown + (link === undefined ? 0 : 1),
    0,
    opt.length > 0 ? 1 : 0,
  );
  let at = HEADER;
  at += wire.copy(reply, at);
  if (link !== undefined) at += link.copy(reply, at);
  const from = size === 0 ? 0 : (first % addresses.length) * size;
  const head = Math.min(records.length - from, shown * size);
  records.copy(reply, at, from, from + head);
  records.copy(reply, at + head, 0, shown * size - head);
  // The addresses are the alias's, whose name stands in the CNAME before them.
  if (link !== undefined)
    for (let i = 0; i < shown; i += 1) reply.writeUInt16BE(0xc000 | (HEADER + wire.length + RECORD_HEAD), at + i * size);
  opt.copy(reply, at + shown * size);
  return reply;
}

/** NOERROR or an error, without records. */
export function emptyReply(
  question: Question,
  rcode: Rcode,
  options: { authoritative?: boolean; error?: ExtendedError } = {},
): Buffer {
  return withoutRecords(question, RCODE[rcode] | (options.authoritative === true ? AA : 0), options.error);
}

/** For an answer that is too long for UDP: the client asks again over TCP (RFC 7766 5). */
export function truncatedReply(question: Question): Buffer {
  return withoutRecords(question, TC);
}

/** The answer to a question of type ANY: one record that says so, instead of all there are (RFC 8482 4.2). */
export function anyReply(question: Question): Buffer {
  const record = Buffer.alloc(RECORD_HEAD + 9);
  writeRecordHead(record, TYPE.HINFO, ANY_TTL, 9);
  record.write('\x07RFC8482\x00', RECORD_HEAD, 'latin1');
  const opt = optOf(question);
  const head = Buffer.alloc(HEADER);
  writeHeader(head, question.id, flagsFor(question, 0), 1, 0, opt.length > 0 ? 1 : 0);
  return Buffer.concat([head, question.wire, record, opt]);
}

const ANY_TTL = 3_600;
const NO_OPT = Buffer.alloc(0);
/** The usual EDNS record, without and with flag DO. */
const OPT = [optRecord(UDP_PAYLOAD, false), optRecord(UDP_PAYLOAD, true)] as const;

/** The EDNS record, if the client sent one (RFC 6891 6.1.1). */
export function optOf({ edns, dnssecOk }: Question, error?: ExtendedError): Buffer {
  if (!edns) return NO_OPT;
  return error === undefined ? OPT[dnssecOk ? 1 : 0] : optRecord(UDP_PAYLOAD, dnssecOk, 0, error);
}

/** Flags of an answer: what is copied of the query's is RD (RFC 1035 4.1.1). */
function flagsFor({ recursionDesired }: Question, flags: number): number {
  return QR | RA | flags | (recursionDesired ? RD : 0);
}

function withoutRecords(question: Question, flags: number, error?: ExtendedError): Buffer {
  const opt = optOf(question, error);
  const reply = Buffer.allocUnsafe(HEADER + question.wire.length + opt.length);
  writeHeader(reply, question.id, flagsFor(question, flags), 0, 0, opt.length > 0 ? 1 : 0);
  question.wire.copy(reply, HEADER);
  opt.copy(reply, HEADER + question.wire.length);
  return reply;
}

const encoded = new WeakMap<readonly string[], { readonly ttlSeconds: number; readonly records: Buffer }>();

function recordsOf(addresses: readonly string[], ttlSeconds: number): Buffer {
  const known = encoded.get(addresses);
  if (known?.ttlSeconds === ttlSeconds) return known.records;
  const records = Buffer.concat(addresses.map((address) => addressRecord(address, ttlSeconds)));
  encoded.set(addresses, { ttlSeconds, records });
  return records;
}

function addressRecord(address: string, ttlSeconds: number): Buffer {
  const octets = ipOctets(address);
  const record = Buffer.alloc(RECORD_HEAD + octets.length);
  writeRecordHead(record, isIPv4(address) ? TYPE.A : TYPE.AAAA, ttlSeconds, octets.length);
  record.set(octets, RECORD_HEAD);
  return record;
}

function cname(target: string, ttlSeconds: number): Buffer {
  const labels = target.split('.');
  const octets = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  const record = Buffer.alloc(RECORD_HEAD + octets);
  writeRecordHead(record, TYPE.CNAME, ttlSeconds, octets);
  let at = RECORD_HEAD;
  for (const label of labels) {
    record[at] = label.length;
    at += 1 + record.write(label, at + 1, 'latin1');
  }
  return record;
}

function writeRecordHead(record: Buffer, type: number, ttlSeconds: number, octets: number): void {
  record.writeUInt16BE(QUESTION_NAME, 0);
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(IN, 4);
  record.writeUInt32BE(ttlSeconds, 6);
  record.writeUInt16BE(octets, 10);
}
