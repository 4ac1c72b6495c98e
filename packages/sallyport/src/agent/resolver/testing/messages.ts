import assert from 'node:assert/strict';
import { type DecodedPacket, decode, encode, type Packet, type RecordType } from 'dns-packet';
import { type Question, readQuery } from '../wire/query.ts';

const CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
export const codeOf = (answer: DecodedPacket | undefined): string | undefined => answer && CODES[(answer.flags ?? 0) & 15];

/** A query as a stub resolver sends it. */
export function query(name: string, type: RecordType = 'A', extra: Partial<Packet> = {}): Buffer {
  return encode({ id: 7, type: 'query', flags: 0x0100, questions: [{ name, type, class: 'IN' }], ...extra });
}

/** A query for a type by its number, for types that the library has no word for. */
export function queryFor(name: string, type: number): Buffer {
  const bytes = query(name);
  bytes.writeUInt16BE(type, bytes.length - 4);
  return bytes;
}

export const opt = (udpPayloadSize = 1_400, fields: { readonly ednsVersion?: number; readonly dnssecOk?: boolean } = {}) => ({
  type: 'OPT' as const,
  name: '.' as const,
  udpPayloadSize,
  extendedRcode: 0,
  ednsVersion: fields.ednsVersion ?? 0,
  flags: fields.dnssecOk === true ? 0x8000 : 0,
  flag_do: fields.dnssecOk ?? false,
  options: [],
});

/** The question that was read; fails when there is none. */
export function questionOf(bytes: Buffer): Question {
  const found = readQuery(bytes);
  return found.kind === 'question' ? found.question : assert.fail(`got ${found.kind}`);
}

export const ask = (name: string, type: RecordType = 'A', extra: Partial<Packet> = {}): Question =>
  questionOf(query(name, type, extra));

/** The code of an Extended DNS Error (RFC 8914) in an answer. */
export function extendedErrorOf(bytes: Buffer): number | undefined {
  const [record] = decode(bytes).additionals ?? [];
  const options = record?.type === 'OPT' ? (record.options as readonly { code: number; data?: Buffer }[]) : [];
  return options.find(({ code }) => code === 15)?.data?.readUInt16BE(0);
}
