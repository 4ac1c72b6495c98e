import { fromBinary } from '@bufbuild/protobuf';
import { NodeSchema } from '@sallyport/apis/core';
import type { Locality } from '../model/index.ts';

/** What a proxy says of itself in the first request of a stream. Nothing of it has been verified. */
export interface ParsedNode {
  readonly id: string;
  /** The service cluster of the bootstrap, Istio's `NAME.NAMESPACE`. */
  readonly cluster: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly locality: Locality;
  /** `envoy/1.40.0`, or only the name when the version is not told. */
  readonly userAgent: string;
}

/** A node says who it is in some hundred bytes, with labels and annotations in some thousand. */
export const NODE_BYTES = 1024 * 1024;

/** Reads an encoded `Node`. Throws when the bytes are none, or too many, or nest too deeply, or have no id. */
export function parseNode(bytes: Uint8Array): ParsedNode {
  if (bytes.length > NODE_BYTES) throw new RangeError(`the node has ${bytes.length} bytes, at most ${NODE_BYTES} are read`);
  const node = fromBinary(NodeSchema, bytes, { readUnknownFields: false });
  if (node.id === '') throw new RangeError('the node has no id');
  return {
    id: node.id,
    cluster: node.cluster,
    metadata: node.metadata ?? {},
    locality: { region: node.locality?.region ?? '', zone: node.locality?.zone ?? '', subZone: node.locality?.subZone ?? '' },
    userAgent: userAgentOf(node.userAgentName, node.userAgentVersionType),
  };
}

interface VersionType {
  readonly case?: string | undefined;
  readonly value?: unknown;
}

function userAgentOf(name: string, version: VersionType): string {
  if (version.case === 'userAgentVersion') return `${name}/${String(version.value)}`;
  if (version.case !== 'userAgentBuildVersion') return name;
  const build = version.value as { version?: { majorNumber: number; minorNumber: number; patch: number } };
  const { version: v } = build;
  return v === undefined ? name : `${name}/${v.majorNumber}.${v.minorNumber}.${v.patch}`;
}
