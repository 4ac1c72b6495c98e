import type { Duplex } from 'node:stream';

/** DNS messages on a stream: two octets of length before each (RFC 1035 4.2.2), written together with it (RFC 7766 8). */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(2 + message.length);
  frame.writeUInt16BE(message.length);
  message.copy(frame, 2);
  return frame;
}

/**
 * Calls `onMessage` for each whole message, which is valid during the call. A length of zero or above `longest` ends the stream, and so does a
 * message that is not whole `wholeWithinMs` after its first octet, whatever trickles in (default: waits for ever).
 */
export function readFrames(stream: Duplex, longest: number, onMessage: (message: Buffer) => void, wholeWithinMs?: number): void {
  let parts: Buffer[] = [];
  let held = 0;
  let late: NodeJS.Timeout | undefined;
  stream.on('close', () => clearTimeout(late));
  stream.on('data', (part: Buffer) => {
    parts.push(part);
    held += part.length;
    // Many small parts are put together once, when there are enough of them.
    if (held < 2 || (parts.length > 1 && held < needed(parts))) {
      wait();
      return;
    }
    let bytes = parts.length === 1 ? part : Buffer.concat(parts, held);
    while (bytes.length >= 2) {
      const length = bytes.readUInt16BE(0);
      if (length === 0 || length > longest) {
        stream.destroy();
        return;
      }
      if (bytes.length < 2 + length) break;
      onMessage(bytes.subarray(2, 2 + length));
      bytes = bytes.subarray(2 + length);
      clearTimeout(late);
      late = undefined;
    }
    parts = bytes.length === 0 ? [] : [bytes];
    held = bytes.length;
    if (held > 0) wait();
  });

  function wait(): void {
    if (wholeWithinMs !== undefined) late ??= setTimeout(() => stream.destroy(), wholeWithinMs);
  }
}

/** Octets until the first message is whole, once its length is there. */
function needed(parts: readonly Buffer[]): number {
  const [first, second] = parts;
  const length = first!.length >= 2 ? first!.readUInt16BE(0) : (first![0]! << 8) | (second?.[0] ?? 0);
  return 2 + length;
}
