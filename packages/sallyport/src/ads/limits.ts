import type { DeltaRequest } from './request.ts';
import type { CloseCode } from './roster.ts';
import type { StreamState } from './stream.ts';

/** A reason to end a stream. */
export type Refusal = readonly [CloseCode, string];

/** Names one stream may subscribe to of one type; more is an attack on our memory. */
const MAX_NAMES = 1_000_000;
/** Types one stream may ask for; Envoy knows about fifteen. */
const MAX_TYPES = 64;

/** Why a request asks for more than one stream may, if it does. */
export function excess({ types }: StreamState, request: DeltaRequest): Refusal | undefined {
  const type = types.get(request.typeUrl);
  if (type === undefined && types.size >= MAX_TYPES)
    return ['resource-exhausted', `a stream may ask for at most ${MAX_TYPES} types`];
  const names = (type?.subscription.names.size ?? 0) + request.subscribe.length + request.initialVersions.length;
  return names > MAX_NAMES ? ['resource-exhausted', `a stream may name at most ${MAX_NAMES} resources of a type`] : undefined;
}
