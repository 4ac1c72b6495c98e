import { EDE, LEAST_PAYLOAD, optRecord } from './edns.ts';
import { AD, CD, flagsOf, HEADER, isTruncated, QR, RA, RCODE, RD, rcodeOf, TC, TYPE, writeHeader } from './header.ts';
import type { Question } from './query.ts';
import { endOfQuestion, recordSpans } from './records.ts';
import { optOf } from './reply.ts';

/**
 * A query for a server: nothing of the client's passes but the question, whether it wants signatures, and whether it takes EDNS.
 * `wire` is the question as it is to be spelled.
 */
export function upstreamQuery(id: number, question: Question, wire: Buffer): Buffer {
  const opt = question.edns ? optRecord(question.udpSize, question.dnssecOk) : Buffer.alloc(0);
  const head = Buffer.alloc(HEADER);
  writeHeader(
    head,
    id,
    RD | (question.checkingDisabled ? CD : 0) | (question.authenticData ? AD : 0),
    0,
    0,
    question.edns ? 1 : 0,
  );
  return Buffer.concat([head, wire, opt]);
}

/** The question with the case of its letters drawn by lot: an answer must repeat it, which who guesses cannot know (RFC 5452 9.3). */
export function recased(wire: Buffer, random: Uint8Array): Buffer {
  const spelled = Buffer.from(wire);
  for (let at = 0; at < spelled.length - 4; at += 1) {
    const octet = spelled[at]!;
    const isLetter = (octet >= 0x41 && octet <= 0x5a) || (octet >= 0x61 && octet <= 0x7a);
    // Lengths of labels are below 64, so that none of them looks like a letter.
    if (isLetter && (random[at >> 3]! >> (at & 7)) & 1) spelled[at] = octet ^ 0x20;
  }
  return spelled;
}

/**
 * Whether these octets answer the query with this id and question (RFC 5452 9.1): `case` when only the spelling of the name
 * differs. What comes over UDP must not be longer than the query allowed.
 */
export function isAnswerTo(bytes: Buffer, id: number, wire: Buffer): 'yes' | 'case' | 'no' {
  const end = endOfQuestion(wire);
  if (bytes.length < end || bytes.readUInt16BE(0) !== id || (flagsOf(bytes) & QR) === 0 || bytes.readUInt16BE(4) !== 1)
    return 'no';
  const asked = bytes.subarray(HEADER, end);
  const isSame = asked.equals(wire);
  if (!isSame && !isSameQuestion(asked, wire)) return 'no';
  if (recordSpans(bytes, end) === undefined) return 'no';
  return isSame ? 'yes' : 'case';
}

/** The most octets that a server may answer over UDP to this question. */
export function longestAnswer({ edns, udpSize }: Question): number {
  return edns ? udpSize : LEAST_PAYLOAD;
}

/** The server could not say, so another one may. */
export function isServerFailure(bytes: Buffer): boolean {
  const rcode = rcodeOf(bytes);
  return rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN;
}

/** What a server said, without what is between it and us alone: its id, its EDNS, and records that nobody asked for. */
export interface UpstreamAnswer {
  /** Code, and flags TC and AD. */
  readonly flags: number;
  readonly answers: number;
  readonly authorities: number;
  /** The records after the question, octet for octet: pointers stay right, since the question before them has one length. */
  readonly records: Buffer;
  /** Where in `records` times to live stand. */
  readonly ttls: readonly number[];
  /** Seconds that it may be repeated; 0 for not at all (RFC 2181 8, RFC 2308 5). */
  readonly seconds: number;
}

/** Longest that anything is kept, whatever its owner says: an error of theirs is gone within the hour. */
const LONGEST_SECONDS = 3_600;
/** RFC 2308 5 says that one to three hours worked well; a name that was just made is missed less with less. */
const LONGEST_NEGATIVE = 300;

/**
 * Takes an answer apart. The additional section is dropped, and with an answer the authority section too, unless signatures were asked
 * for: records of other names are thus neither passed on nor kept. Undefined when it is not whole.
 */
export function upstreamAnswer(bytes: Buffer, question: Question): UpstreamAnswer | undefined {
  const start = endOfQuestion(question.wire);
  const spans = recordSpans(bytes, start);
  if (spans === undefined) return undefined;
  const answers = spans.filter(({ section }) => section === 'answer');
  const authorities = spans.filter(({ section }) => section === 'authority');
  // A chain of aliases that ends in nothing says so by the SOA, too (RFC 2308 2.2).
  const isEmpty = answers.every(({ type }) => type === TYPE.CNAME || type === TYPE.DNAME);
  const keepsAuthority = isEmpty || question.dnssecOk;
  const kept = keepsAuthority ? [...answers, ...authorities] : answers;
  const end = kept.at(-1)?.end ?? start;
  const ttlOf = (at: number): number => {
    // A time to live with its highest bit set is none (RFC 2181 8).
    const seconds = bytes.readUInt32BE(at);
    return seconds > 0x7fffffff ? 0 : seconds;
  };
  return {
    flags: flagsOf(bytes) & (TC | AD | 0x000f),
    answers: answers.length,
    authorities: kept.length - answers.length,
    records: Buffer.from(bytes.subarray(start, end)),
    ttls: kept.filter(({ type }) => type !== TYPE.OPT).map(({ ttlAt }) => ttlAt - start),
    seconds: seconds(),
  };

  function seconds(): number {
    if (isTruncated(bytes) || isServerFailure(bytes)) return 0;
    if (rcodeOf(bytes) === RCODE.NOERROR && !isEmpty)
      return Math.min(LONGEST_SECONDS, ...answers.map(({ ttlAt }) => ttlOf(ttlAt)));
    // That there is nothing is kept as long as the SOA says: the less of its own time and its MINIMUM (RFC 2308 5); without one not at all.
    const soa = authorities.find(({ type, end: last, contentAt }) => type === TYPE.SOA && last - contentAt >= 22);
    if (soa === undefined) return 0;
    return Math.min(LONGEST_NEGATIVE, ttlOf(soa.ttlAt), ttlOf(soa.end - 4), ...answers.map(({ ttlAt }) => ttlOf(ttlAt)));
  }
}

/** How a kept answer is given. */
export interface Age {
  /** Seconds since it came, by which times to live are less (RFC 1035 3.2.1: they count down). */
  readonly seconds: number;
  /** Its time is over, and nobody can say anything newer: each record is given this many seconds instead (RFC 8767 4). */
  readonly stale?: number;
}

/** The answer as our client's: its id, the name spelled as it asked, the flags that it may see. */
export function relayed(answer: UpstreamAnswer, question: Question, age: Age = { seconds: 0 }): Buffer {
  const { wire } = question;
  const opt = optOf(question, age.stale === undefined ? undefined : { code: EDE.stale, text: '' });
  const reply = Buffer.allocUnsafe(HEADER + wire.length + answer.records.length + opt.length);
  const seesData = question.authenticData || question.dnssecOk;
  const flags = QR | RA | (seesData ? answer.flags : answer.flags & ~AD);
  const copied = (question.recursionDesired ? RD : 0) | (question.checkingDisabled ? CD : 0);
  writeHeader(reply, question.id, flags | copied, answer.answers, answer.authorities, opt.length > 0 ? 1 : 0);
  const start = HEADER + wire.copy(reply, HEADER);
  answer.records.copy(reply, start);
  opt.copy(reply, start + answer.records.length);
  if (age.seconds > 0 || age.stale !== undefined)
    for (const at of answer.ttls) {
      const left = age.stale ?? Math.max(0, reply.readUInt32BE(start + at) - age.seconds);
      reply.writeUInt32BE(left, start + at);
    }
  return reply;
}

/** Octets that a kept answer costs. */
export const sizeOf = ({ records, ttls }: UpstreamAnswer): number => records.length + 8 * ttls.length + 256;

/** For a name that exists here: the server, which does not know it, has nothing of the type asked for (RFC 8020: a name is there or not). */
export function asNoData(answer: UpstreamAnswer): UpstreamAnswer {
  return (answer.flags & 0x000f) === RCODE.NXDOMAIN ? { ...answer, flags: answer.flags & ~0x000f } : answer;
}

/** Names differ in nothing but the case of their letters (RFC 4343), and type and class in nothing. */
function isSameQuestion(a: Buffer, b: Buffer): boolean {
  const name = a.length - 4;
  return a.subarray(name).equals(b.subarray(name)) && lowered(a.subarray(0, name)).equals(lowered(b.subarray(0, name)));
}

function lowered(name: Buffer): Buffer {
  const copy = Buffer.from(name);
  for (let at = 0; at < copy.length; at += 1) {
    const octet = copy[at]!;
    if (octet >= 0x41 && octet <= 0x5a) copy[at] = octet | 0x20;
  }
  return copy;
}
