import { TYPE } from './header.ts';

/** An Extended DNS Error: why there is no answer, for people who look (RFC 8914). */
export interface ExtendedError {
  readonly code: number;
  readonly text: string;
}

/** Codes of RFC 8914 4. */
export const EDE = { stale: 3, notReady: 14, prohibited: 18, notSupported: 21, noReachableAuthority: 22 } as const;

/** Octets of UDP payload that we take, and the most that we send: what a loopback interface carries whole. */
export const UDP_PAYLOAD = 4_096;
/** The least that everybody takes, and all without EDNS (RFC 6891 6.2.3, RFC 1035 2.3.4). */
export const LEAST_PAYLOAD = 512;

const OPT_OCTETS = 11;
const OPTION_EDE = 15;

/**
 * The EDNS record of an answer or a query: root name, type 41, payload size, upper bits of the code, version 0, flag DO (RFC 6891 6.1.2).
 * Options are ours alone: none is passed on, since each is between two neighbours or, like the client's subnet, nobody's business.
 */
export function optRecord(payloadSize: number, dnssecOk: boolean, extendedRcode = 0, error?: ExtendedError): Buffer {
  const text = error === undefined ? undefined : Buffer.from(error.text);
  const options = text === undefined ? 0 : 6 + text.length;
  const record = Buffer.alloc(OPT_OCTETS + options);
  record.writeUInt16BE(TYPE.OPT, 1);
  record.writeUInt16BE(payloadSize, 3);
  record[5] = extendedRcode;
  record.writeUInt16BE(dnssecOk ? 0x8000 : 0, 7);
  record.writeUInt16BE(options, 9);
  if (error !== undefined && text !== undefined) {
    record.writeUInt16BE(OPTION_EDE, 11);
    record.writeUInt16BE(2 + text.length, 13);
    record.writeUInt16BE(error.code, 15);
    text.copy(record, 17);
  }
  return record;
}
