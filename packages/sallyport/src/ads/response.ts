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

/** Up to this size an envelope is kept together with its content, which costs memory; above it only the part before the content. */
const KEEP_WHOLE = 4096;

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

/** One message, joined from parts: no resource is encoded here. */
export function encodeResponse(response: DeltaResponse): Buffer {
  const { typeUrl, nonce, systemVersion, put, remove } = response;
  const parts = put.map((resource) => envelopeOf(resource, typeUrl));
  const url = Buffer.byteLength(typeUrl);
  const removed = remove.map((name) => Buffer.byteLength(name));
  let size = fieldSize(url) + fieldSize(nonce.length) + fieldSize(systemVersion.length);
  for (const { head, body } of parts) size += head.length + body.length;
  for (const length of removed) size += fieldSize(length);
  const writer = new FieldWriter(size);
  writer.text(SYSTEM_VERSION, systemVersion, systemVersion.length);
  for (const { head, body } of parts) {
    writer.raw(head);
    if (body.length > 0) writer.raw(body);
  }
  writer.text(TYPE_URL, typeUrl, url);
  writer.text(NONCE, nonce, nonce.length);
  remove.forEach((name, i) => {
    writer.text(REMOVED, name, removed[i] as number);
  });
  return writer.bytes;
}
