import { HEADER } from './header.ts';

/** Where one record stands in a message. */
export interface RecordSpan {
  readonly section: 'answer' | 'authority' | 'additional';
  readonly type: number;
  /** Where its name begins. */
  readonly start: number;
  /** Where its time to live stands, and its content. */
  readonly ttlAt: number;
  readonly contentAt: number;
  readonly end: number;
}

/**
 * The records of an answer after its question, or undefined when what the counts promise is not all there. Nothing is followed or
 * decoded: pointers are stepped over, so that no loop of them costs anything (RFC 1035 4.1.3, 4.1.4).
 */
export function recordSpans(message: Buffer, afterQuestion: number): readonly RecordSpan[] | undefined {
  const spans: RecordSpan[] = [];
  let at = afterQuestion;
  for (const [section, countAt] of SECTIONS) {
    for (let left = message.readUInt16BE(countAt); left > 0; left -= 1) {
      const start = at;
      const named = afterName(message, at);
      if (named === undefined || named + 10 > message.length) return undefined;
      const contentAt = named + 10;
      const end = contentAt + message.readUInt16BE(named + 8);
      if (end > message.length) return undefined;
      spans.push({ section, type: message.readUInt16BE(named), start, ttlAt: named + 4, contentAt, end });
      at = end;
    }
  }
  return spans;
}

const SECTIONS = [
  ['answer', 6],
  ['authority', 8],
  ['additional', 10],
] as const;

/** Where the name that begins here ends: after its final zero, or after the pointer that continues it. */
function afterName(message: Buffer, start: number): number | undefined {
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined || at - start > 255) return undefined;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    // 0x40 and 0x80 begin forms that were given up (RFC 6891 5, RFC 3363 3).
    if (length > 63) return undefined;
    at += 1 + length;
  }
}

/** Where the one question of a message ends, by the question that was asked. */
export function endOfQuestion(wire: Buffer): number {
  return HEADER + wire.length;
}
