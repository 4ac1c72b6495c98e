import { create, type DescMessage, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { type Any, AnySchema, type Duration, DurationSchema } from '@bufbuild/protobuf/wkt';
import { parseDuration, splitDuration } from '../lib/duration.ts';
import { contentHash } from '../lib/hash.ts';
import type { Resource, ResourceType } from '../model/index.ts';
import { encoded } from './encoder.ts';

/** Items that stand at one repeated message field of an Envoy message, each encoded already. */
export interface EncodedField {
  readonly field: number;
  readonly bytes: readonly Uint8Array[];
}

/** What a message can be made from, without being one: the form for parts that are spread into a whole. */
export type Fields<D extends DescMessage> = Exclude<MessageInitShape<D>, Message>;

/** The bytes of one Envoy message. Takes a message or what one can be made from. */
export function encode<D extends DescMessage>(schema: D, message: MessageInitShape<D>): Uint8Array {
  return encoded(schema, message);
}

/** A resource from one Envoy message: bytes, and their hash as version. */
export function resource<D extends DescMessage>(
  type: ResourceType,
  name: string,
  schema: D,
  message: MessageInitShape<D>,
): Resource {
  return resourceOf(type, name, encode(schema, message));
}

/** A resource from the bytes of its message. */
export function resourceOf(type: ResourceType, name: string, bytes: Uint8Array): Resource {
  return { type, name, version: versionOf(bytes), bytes };
}

/**
 * A resource whose lists were encoded item by item: `head` is the message without these lists. Protobuf lets the fields of a
 * message follow each other in any order, so joining bytes is encoding. The version hashes the hashes of the parts: what is
 * in many lists is hashed once, so a part must be the same array wherever it is used to be cheap.
 */
export function assembled(type: ResourceType, name: string, head: Uint8Array, lists: readonly EncodedField[]): Resource {
  const hashed: string[] = [versionOf(head)];
  for (const { field, bytes } of lists) for (const item of bytes) hashed.push(`${field}:${versionOf(item)}`);
  return { type, name, version: contentHash(hashed.join(' ')), bytes: joined(head, lists) };
}

/** `head` followed by each item as a length-delimited field. */
export function joined(head: Uint8Array, lists: readonly EncodedField[]): Uint8Array {
  let size = head.length;
  for (const { field, bytes } of lists) {
    const tagSize = varintSize(tagOf(field));
    for (const item of bytes) size += tagSize + varintSize(item.length) + item.length;
  }
  const out = new Uint8Array(size);
  out.set(head);
  let at = head.length;
  for (const { field, bytes } of lists) {
    for (const item of bytes) {
      at = writeVarint(out, writeVarint(out, at, tagOf(field)), item.length);
      out.set(item, at);
      at += item.length;
    }
  }
  return out;
}

const versions = new WeakMap<Uint8Array, string>();

/** The hash of some bytes, computed once per array: bytes of resources are never written to. */
export function versionOf(bytes: Uint8Array): string {
  let version = versions.get(bytes);
  if (version === undefined) {
    version = contentHash(bytes);
    versions.set(bytes, version);
  }
  return version;
}

/** A message wrapped for an extension point. */
export function anyOf<D extends DescMessage>(schema: D, message: MessageInitShape<D>): Any {
  return create(AnySchema, { typeUrl: `type.googleapis.com/${schema.typeName}`, value: encode(schema, message) });
}

/** google.protobuf.Duration of a text such as `10s` or `1m30s`; undefined for no text and for one that is no duration. */
export function durationOf(text: string | undefined): Duration | undefined {
  const nanoseconds = text === undefined ? undefined : parseDuration(text);
  return nanoseconds === undefined ? undefined : create(DurationSchema, splitDuration(nanoseconds));
}

const tagOf = (field: number): number => (field << 3) | WireType.LengthDelimited;

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function writeVarint(out: Uint8Array, at: number, value: number): number {
  let place = at;
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) out[place++] = (rest & 0x7f) | 0x80;
  out[place++] = rest;
  return place;
}
