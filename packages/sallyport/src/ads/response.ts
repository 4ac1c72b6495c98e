import { Buffer } from 'node:buffer';
import type { Resource } from '../model/index.ts';
import { FieldWriter, fieldSize } from './wire.ts';

/** What goes into one `DeltaDiscoveryResponse`. */
export interface DeltaResponse {
  readonly typeUrl: string;
  readonly nonce: string;
  /** Shown by Envoy's admin interface; nothing is decided by it. */
  readonly systemVersion: string;
  readonly put: readonly Resource[];
  readonly remove: readonly string[];
}

const SYSTEM_VERSION = 1;
const RESOURCES = 2;
const TYPE_URL = 4;
const NONCE = 5;
const REMOVED = 6;

/** Fields of `Resource`. */
const VERSION = 1;
const BODY = 2;
const NAME = 3;
/** Fields of `Any`. */
const ANY_URL = 1;
const ANY_VALUE = 2;

/** Up to this size an envelope is kept together with its content; above it only the part before the content, to hold no content twice. */
const KEEP_WHOLE = 128;

/** Space that is kept for the next message; larger ones are rare. */
const MOST_REUSED = 4 * 1024 * 1024;

interface Envelope {
  readonly head: Buffer;
  /** Empty when the head holds all. */
  readonly body: Uint8Array;
}

const NOTHING = new Uint8Array();
const envelopes = new WeakMap<Resource, Envelope>();

/** The `resources` field for one resource, made once and shared by all streams. */
function envelopeOf(resource: Resource, typeUrl: string): Envelope {
  const known = envelopes.get(resource);
  if (known !== undefined) return known;
  const { name, version, bytes } = resource;
  const url = Buffer.byteLength(typeUrl);
  const nameSize = Buffer.byteLength(name);
  const versionSize = Buffer.byteLength(version);
  const any = fieldSize(url) + fieldSize(bytes.length);
  const inner = fieldSize(nameSize) + fieldSize(versionSize) + fieldSize(any);
  const whole = bytes.length <= KEEP_WHOLE;
  const writer = new FieldWriter(fieldSize(inner) - (whole ? 0 : bytes.length));
  writer.head(RESOURCES, inner);
  writer.text(NAME, name, nameSize);
  writer.text(VERSION, version, versionSize);
  writer.head(BODY, any);
  writer.text(ANY_URL, typeUrl, url);
  writer.head(ANY_VALUE, bytes.length);
  if (whole) writer.raw(bytes);
  const envelope = { head: writer.bytes, body: whole ? NOTHING : bytes };
  envelopes.set(resource, envelope);
  return envelope;
}

/** What a resource will cost on the wire, in bytes, a little overestimated. */
export const wireSize = (resource: Resource): number => resource.bytes.length + 2 * resource.name.length + 128;

/** Length of the message in bytes, known before it is made. */
export function responseSize({ typeUrl, nonce, systemVersion, put, remove }: DeltaResponse): number {
  let size = fieldSize(Buffer.byteLength(typeUrl)) + fieldSize(nonce.length) + fieldSize(systemVersion.length);
  for (const resource of put) {
    const { head, body } = envelopeOf(resource, typeUrl);
    size += head.length + body.length;
  }
  for (const name of remove) size += fieldSize(Buffer.byteLength(name));
  return size;
}

/** One message, joined from parts: no resource is encoded here. It is put into `space` where that is large enough. */
export function encodeResponse(response: DeltaResponse, space?: Buffer): Buffer {
  const { typeUrl, nonce, systemVersion, put, remove } = response;
  const writer = new FieldWriter(responseSize(response), space);
  writer.text(SYSTEM_VERSION, systemVersion, systemVersion.length);
  for (const resource of put) {
    const { head, body } = envelopeOf(resource, typeUrl);
    writer.raw(head);
    if (body.length > 0) writer.raw(body);
  }
  writer.text(TYPE_URL, typeUrl, Buffer.byteLength(typeUrl));
  writer.text(NONCE, nonce, nonce.length);
  for (const name of remove) writer.text(REMOVED, name, Buffer.byteLength(name));
  return writer.bytes;
}

/**
 * Encodes into one buffer again and again: what it gives is valid until the next call. Hundreds of megabytes of buffers that
 * are garbage at once cost more than all the rest, since V8 marks its heap each time so much has been allocated outside of it.
 */
export function reusingEncoder(): (response: DeltaResponse) => Buffer {
  let space = Buffer.allocUnsafe(256 * 1024);
  return (response) => {
    const size = responseSize(response);
    if (size > MOST_REUSED) return encodeResponse(response);
    if (size > space.length) space = Buffer.allocUnsafe(Math.min(MOST_REUSED, 2 * size));
    return encodeResponse(response, space);
  };
}
