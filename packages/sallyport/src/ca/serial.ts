import { randomBytes } from 'node:crypto';

/** A serial number nobody can foresee: 126 random bits, positive, always of 16 bytes. As hexadecimal digits. */
export function newSerial(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString('hex');
}
