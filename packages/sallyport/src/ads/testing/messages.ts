import { Buffer } from 'node:buffer';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { DeltaDiscoveryRequestSchema, DeltaDiscoveryResponseSchema } from '@sallyport/apis/discovery';
import { typeOf } from '../types.ts';

/** Encodes a request with the generated code, which shares nothing with the reader under test. */
export const requestBytes = (request: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): Buffer =>
  Buffer.from(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, request)));

export interface Response {
  /** Our word for the type, or its URL. */
  readonly type: string;
  readonly url: string;
  readonly nonce: string;
  readonly resources: readonly { readonly name: string; readonly version: string; readonly content: string }[];
  readonly removed: readonly string[];
}

/** Decodes a response with the generated code; throws when the type of a resource is not the type of the response. */
export function readResponse(bytes: Uint8Array): Response {
  const message = fromBinary(DeltaDiscoveryResponseSchema, bytes);
  const resources = message.resources.map(({ name, version, resource }) => {
    if (resource?.typeUrl !== message.typeUrl) throw new Error(`a ${resource?.typeUrl} in a response of ${message.typeUrl}`);
    return { name, version, content: Buffer.from(resource.value).toString() };
  });
  return {
    type: typeOf(message.typeUrl) ?? message.typeUrl,
    url: message.typeUrl,
    nonce: message.nonce,
    resources,
    removed: message.removedResources,
  };
}
