import type { Duplex } from 'node:stream';

/** DNS messages on a stream: two octets of length before each (RFC 1035 4.2.2). */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Calls `onMessage` for each whole message; a length of zero or above `longest` ends the stream. */
export function readFrames(stream: Duplex, longest: number, onMessage: (message: Buffer) => void): void {
  let held: Buffer = Buffer.alloc(0);
  stream.on('data', (part: Buffer) => {
    held = held.length === 0 ? part : Buffer.concat([held, part]);
    while (held.length >= 2) {
      const length = held.readUInt16BE(0);
      if (length === 0 || length > longest) {
        stream.destroy();
        return;
      }
      if (held.length < 2 + length) return;
      onMessage(held.subarray(2, 2 + length));
      held = held.subarray(2 + length);
    }
  });
}
