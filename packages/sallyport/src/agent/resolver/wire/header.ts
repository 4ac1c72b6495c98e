/** Octets of a message's header (RFC 1035 4.1.1). */
export const HEADER = 12;
/** Flags of the header's second word (RFC 1035 4.1.1; AD and CD: RFC 4035 3.1.6, 3.2.2). */
export const [QR, OPCODE, AA, TC, RD, RA, AD, CD] = [0x8000, 0x7800, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010];
export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type Rcode = keyof typeof RCODE;

export const TYPE = { A: 1, CNAME: 5, SOA: 6, HINFO: 13, AAAA: 28, DNAME: 39, OPT: 41 } as const;

export function flagsOf(message: Buffer): number {
  return message.readUInt16BE(2);
}

export function rcodeOf(message: Buffer): number {
  return flagsOf(message) & 0x000f;
}

export function isTruncated(message: Buffer): boolean {
  return (flagsOf(message) & TC) !== 0;
}

/** Writes a header with one question; the other counts are given. */
export function writeHeader(
  to: Buffer,
  id: number,
  flags: number,
  answers: number,
  authorities: number,
  additionals: number,
): void {
  to.writeUInt16BE(id, 0);
  to.writeUInt16BE(flags, 2);
  to.writeUInt16BE(1, 4);
  to.writeUInt16BE(answers, 6);
  to.writeUInt16BE(authorities, 8);
  to.writeUInt16BE(additionals, 10);
}
