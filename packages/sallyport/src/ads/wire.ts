import { Buffer } from 'node:buffer';

/** Wire types of protobuf that occur in what we read. */
export const VARINT = 0;
export const BYTES = 2;

/** Reads protobuf fields one after the other. Throws RangeError on anything malformed; no length is believed before it is checked. */
export class FieldReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get more(): boolean {
    return this.#at < this.#end;
  }

  /** Field number and wire type of the next field, as one number: `number << 3 | type`. */
  tag(): number {
    return this.varint();
  }

  /** A varint; of numbers above 32 bits only the lower 32 matter to anybody here. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw new RangeError('a number is cut off');
      const byte = this.#bytes[this.#at++] as number;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('a number has more than ten bytes');
  }

  text(): string {
    const [start, end] = this.#span();
    return this.#bytes.toString('utf8', start, end);
  }

  bytes(): Buffer {
    const [start, end] = this.#span();
    return this.#bytes.subarray(start, end);
  }

  fields(): FieldReader {
    const [start, end] = this.#span();
    return new FieldReader(this.#bytes, start, end);
  }

  skip(tag: number): void {
    const type = tag & 7;
    if (type === VARINT) this.varint();
    else if (type === BYTES) this.#span();
    else if (type === 1) this.#advance(8);
    else if (type === 5) this.#advance(4);
    else throw new RangeError(`wire type ${type} is not used by this protocol`);
  }

  #span(): readonly [number, number] {
    const length = this.varint();
    const start = this.#at;
    this.#advance(length);
    return [start, this.#at];
  }

  #advance(length: number): void {
    if (length > this.#end - this.#at) throw new RangeError('a field is longer than its message');
    this.#at += length;
  }
}

export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/** Appends protobuf fields to a buffer that is known to be large enough. */
export class FieldWriter {
  readonly bytes: Buffer;
  #at = 0;

  /** `space`: where to write instead of in new memory, if it is large enough. */
  constructor(size: number, space?: Buffer) {
    this.bytes = space !== undefined && space.length >= size ? space.subarray(0, size) : Buffer.allocUnsafe(size);
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.#at++] = rest;
  }

  /** Tag and length of a field whose content comes next. */
  head(field: number, length: number): void {
    this.varint((field << 3) | BYTES);
    this.varint(length);
  }

  text(field: number, text: string, length: number): void {
    this.head(field, length);
    this.#at += this.bytes.write(text, this.#at, length, 'utf8');
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}

/** Size of a length-delimited field with a number below 16. */
export const fieldSize = (length: number): number => 1 + varintSize(length) + length;
