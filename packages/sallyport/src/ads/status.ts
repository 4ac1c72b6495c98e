import { busy } from './batch.ts';
import type { ParsedNode } from './node.ts';
import type { StreamState } from './stream.ts';
import { isVersion, type TypeState } from './type-state.ts';
import { typeOf } from './types.ts';

/** What `proxy-status` shows of one stream. Times in milliseconds since the epoch, 0 for never. */
export interface StreamStatus {
  readonly node: ParsedNode;
  readonly class: string;
  readonly connectedAt: number;
  readonly types: readonly TypeStatus[];
}

export interface TypeStatus {
  /** Our word for the type, or its URL when we serve none of it. */
  readonly type: string;
  readonly wildcard: boolean;
  /** Names subscribed to one by one. */
  readonly subscribed: number;
  /** Resources that the proxy has acknowledged. */
  readonly acknowledged: number;
  /** Resources sent and not yet answered. */
  readonly unanswered: number;
  /** Something waits to be sent. */
  readonly pending: boolean;
  /** Versions this proxy rejected, by name. */
  readonly refused: Readonly<Record<string, string>>;
  readonly lastNonce: string;
  readonly lastSentAt: number;
  readonly lastAckAt: number;
  readonly nacks: number;
  /** The words of the last rejection, empty when the last answer was an acknowledgement. */
  readonly lastNack: string;
}

/** Times and counts of one type on one stream. */
export interface TypeActivity {
  nonce: string;
  sentAt: number;
  ackAt: number;
  nacks: number;
  nack: string;
}

/** When things happened on one stream; the protocol itself knows no clock. */
export class Activity {
  readonly #types = new Map<string, TypeActivity>();
  lastSentAt = 0;

  of(url: string): TypeActivity {
    let type = this.#types.get(url);
    if (type === undefined) {
      type = { nonce: '', sentAt: 0, ackAt: 0, nacks: 0, nack: '' };
      this.#types.set(url, type);
    }
    return type;
  }
}

export function statusOf(
  node: ParsedNode,
  classId: string,
  connectedAt: number,
  state: StreamState,
  activity: Activity,
): StreamStatus {
  const types = [...state.types].map(([url, type]) => statusOfType(url, type, activity.of(url)));
  return { node, class: classId, connectedAt, types };
}

function statusOfType(url: string, type: TypeState, times: TypeActivity): TypeStatus {
  let unanswered = 0;
  for (const { put } of type.inFlight.values()) unanswered += put.length;
  let known = 0;
  for (const [, version] of type.sent.entries()) if (isVersion(version)) known += 1;
  return {
    type: typeOf(url) ?? url,
    wildcard: type.subscription.wildcard,
    subscribed: type.subscription.names.size,
    acknowledged: Math.max(0, known - unanswered),
    unanswered,
    pending: type.leaving.size > 0 || (busy(type) && type.inFlight.size === 0),
    refused: Object.fromEntries(type.refused),
    lastNonce: times.nonce,
    lastSentAt: times.sentAt,
    lastAckAt: times.ackAt,
    nacks: times.nacks,
    lastNack: times.nack,
  };
}
