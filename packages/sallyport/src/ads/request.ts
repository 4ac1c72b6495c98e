import { Buffer } from 'node:buffer';
import { BYTES, FieldReader, VARINT } from './wire.ts';

/** A `DeltaDiscoveryRequest` as far as this server reads it. */
export interface DeltaRequest {
  /** The encoded `Node`, on the first request of a stream. */
  readonly node?: Buffer;
  readonly typeUrl: string;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** Name and version of what the proxy has kept from an earlier stream. */
  readonly initialVersions: readonly (readonly [string, string])[];
  readonly nonce: string;
  /** Why the response with this nonce was rejected. */
  readonly error?: { readonly code: number; readonly message: string };
}

const NODE = (1 << 3) | BYTES;
const TYPE_URL = (2 << 3) | BYTES;
const SUBSCRIBE = (3 << 3) | BYTES;
const UNSUBSCRIBE = (4 << 3) | BYTES;
const INITIAL_VERSIONS = (5 << 3) | BYTES;
const NONCE = (6 << 3) | BYTES;
const ERROR = (7 << 3) | BYTES;

const FIRST = (1 << 3) | BYTES;
const SECOND = (2 << 3) | BYTES;
const CODE = (1 << 3) | VARINT;

/**
 * Reads a request by hand: a proxy that reconnects names thousands of versions, and a general decoder costs ten times as
 * much for them. Throws RangeError when the bytes are no such message.
 */
export function decodeRequest(message: Uint8Array): DeltaRequest {
  const reader = new FieldReader(Buffer.from(message.buffer, message.byteOffset, message.byteLength));
  const subscribe: string[] = [];
  const unsubscribe: string[] = [];
  const initialVersions: [string, string][] = [];
  let node: Buffer | undefined;
  let error: DeltaRequest['error'];
  let typeUrl = '';
  let nonce = '';
  while (reader.more) {
    const tag = reader.tag();
    if (tag === NODE) node = reader.bytes();
    else if (tag === TYPE_URL) typeUrl = reader.text();
    else if (tag === SUBSCRIBE) subscribe.push(reader.text());
    else if (tag === UNSUBSCRIBE) unsubscribe.push(reader.text());
    else if (tag === INITIAL_VERSIONS) initialVersions.push(decodeVersion(reader.fields()));
    else if (tag === NONCE) nonce = reader.text();
    else if (tag === ERROR) error = decodeStatus(reader.fields());
    else reader.skip(tag);
  }
  return {
    typeUrl,
    subscribe,
    unsubscribe,
    initialVersions,
    nonce,
    ...(node !== undefined && { node }),
    ...(error !== undefined && { error }),
  };
}

function decodeVersion(reader: FieldReader): [string, string] {
  let name = '';
  let version = '';
  while (reader.more) {
    const tag = reader.tag();
    if (tag === FIRST) name = reader.text();
    else if (tag === SECOND) version = reader.text();
    else reader.skip(tag);
  }
  return [name, version];
}

function decodeStatus(reader: FieldReader): { code: number; message: string } {
  let code = 0;
  let message = '';
  while (reader.more) {
    const tag = reader.tag();
    if (tag === CODE) code = reader.varint();
    else if (tag === SECOND) message = reader.text();
    else reader.skip(tag);
  }
  return { code, message };
}
