import type { Resource } from '../model/index.ts';
import { Ledger, marks } from './ledger.ts';
import type { Subscription } from './subscription.ts';

/** The proxy may have something of this name, nobody knows what: send what there is, or say that there is nothing. */
export const UNKNOWN = '';
/** The proxy has something of this name and is to be sent what there is, be it the same. */
export const AGAIN = '\0again';
/** The proxy was told that there is nothing of this name. */
export const ABSENT = '\0absent';

export const isVersion = (had: string | undefined): boolean =>
  had !== undefined && had !== UNKNOWN && had !== AGAIN && had !== ABSENT;
/** Whether the proxy has something of a name, whatever it may be. */
export const hasSomething = (had: string | undefined): boolean => isVersion(had) || had === AGAIN;

/** What one response carried, kept until it is acknowledged or rejected. */
export interface Delivery {
  readonly put: readonly Resource[];
  /** What the proxy had of each before, in the order of `put`. */
  readonly putBefore: readonly (string | undefined)[];
  readonly removed: readonly string[];
  readonly removedBefore: readonly (string | undefined)[];
}

/** What a stream knows of one resource type. */
export interface TypeState {
  readonly subscription: Subscription;
  /** Name → version that the proxy has or is being sent, {@link UNKNOWN}, {@link AGAIN} or {@link ABSENT}. */
  readonly sent: Ledger<string>;
  /** Names to look at when the next batch begins. Changes merge here while a batch is on its way. */
  readonly dirty: Ledger<true>;
  /** The batch being sent, from `at` on. */
  readonly queue: readonly string[];
  readonly at: number;
  /** Names of rejected responses, to be sent in groups, each alone, until the culprit is found. */
  readonly suspects: readonly (readonly string[])[];
  /** Names that the proxy has and should not have; they go when everything new is in place. */
  readonly leaving: Ledger<true>;
  /** Responses without an answer, by nonce. */
  readonly inFlight: ReadonlyMap<string, Delivery>;
  /** An acknowledgement did not come in time; nothing waits for it any longer. */
  readonly overdue: boolean;
  /** The proxy waits for an answer even if there is nothing to tell. */
  readonly greet: boolean;
  /** Versions that this proxy rejected, by name. */
  readonly refused: ReadonlyMap<string, string>;
}

export const NOTHING_IN_FLIGHT: ReadonlyMap<string, Delivery> = new Map();
const NOTHING_REFUSED: ReadonlyMap<string, string> = new Map();

export function newTypeState(
  subscription: Subscription,
  sent: Ledger<string>,
  queue: readonly string[],
  greet: boolean,
): TypeState {
  return {
    subscription,
    sent,
    dirty: new Ledger<true>(),
    queue,
    at: 0,
    suspects: [],
    leaving: new Ledger<true>(),
    inFlight: NOTHING_IN_FLIGHT,
    overdue: false,
    greet,
    refused: NOTHING_REFUSED,
  };
}

export const markDirty = (type: TypeState, names: Iterable<string>): TypeState => ({
  ...type,
  dirty: type.dirty.with(marks(names)),
});

/** These names are to be answered whatever the proxy is believed to have. */
export function demand(type: TypeState, names: readonly string[]): TypeState {
  if (names.length === 0) return type;
  return markDirty(
    { ...type, sent: type.sent.with(names.map((name) => [name, hasSomething(type.sent.get(name)) ? AGAIN : UNKNOWN] as const)) },
    names,
  );
}

/** A response goes out: from now on the proxy counts as having what it carries. */
export function deliver(type: TypeState, nonce: string, put: readonly Resource[], removed: readonly string[]): TypeState {
  const { names } = type.subscription;
  const delivery: Delivery = {
    put,
    putBefore: put.map((r) => type.sent.get(r.name)),
    removed,
    removedBefore: removed.map((name) => type.sent.get(name)),
  };
  const changes: (readonly [string, string | undefined])[] = put.map((r) => [r.name, r.version] as const);
  // Only of names that were asked for by name it is remembered that they were answered with "nothing".
  for (const name of removed) changes.push([name, names.has(name) ? ABSENT : undefined]);
  return {
    ...type,
    sent: type.sent.with(changes),
    leaving: type.leaving.size === 0 ? type.leaving : type.leaving.with(removed.map((name) => [name, undefined] as const)),
    inFlight: remember(type.inFlight, nonce, delivery),
    greet: false,
  };
}

/** A proxy that answers nothing any more is still served; what it left unanswered long ago is forgotten. */
const MOST_IN_FLIGHT = 256;

function remember(inFlight: ReadonlyMap<string, Delivery>, nonce: string, delivery: Delivery): ReadonlyMap<string, Delivery> {
  const next = new Map(inFlight).set(nonce, delivery);
  if (next.size > MOST_IN_FLIGHT) for (const oldest of [...next.keys()].slice(0, 1)) next.delete(oldest);
  return next;
}

/** The answer to a nonce has come; a nonce that is not known (of an earlier stream, or answered twice) changes nothing. */
export function settle(type: TypeState, nonce: string): TypeState {
  if (!type.inFlight.has(nonce)) return type;
  if (type.inFlight.size === 1) return { ...type, inFlight: NOTHING_IN_FLIGHT, overdue: false };
  const inFlight = new Map(type.inFlight);
  inFlight.delete(nonce);
  return { ...type, inFlight };
}
