import { Ledger, marks } from './ledger.ts';
import { typeOf, urlOf } from './types.ts';

/** What a stream asked for of one type. Every name covered is either the wildcard's or was subscribed by name. */
export interface Subscription {
  readonly wildcard: boolean;
  readonly names: Ledger<true>;
}

export interface SubscriptionRequest {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
}

/** A subscription after a request, and what the request demands. */
export interface Subscribed {
  readonly subscription: Subscription;
  /** Names to answer whatever the server believes the proxy has. */
  readonly answer: readonly string[];
  /** Names that are no longer covered. */
  readonly dropped: readonly string[];
  /** The wildcard began, or ended, with this request. */
  readonly opened: boolean;
  readonly closed: boolean;
}

const WILDCARD = '*';

const ALL_AT_ONCE: ReadonlySet<string> = new Set([urlOf.cluster, urlOf.listener, urlOf.nameTable, urlOf.nameRow]);

/** Types for which a first request without names means all. Types that we do not make count too: they get an empty answer. */
const takesLegacyWildcard = (url: string): boolean => ALL_AT_ONCE.has(url) || typeOf(url) === undefined;

export const covers = (s: Subscription, name: string): boolean => s.wildcard || s.names.has(name);

/**
 * The first request of a stream for a type ("How the client specifies what resources to return" of the xDS protocol): no
 * names at all means everything, for the types that allow it; so does the name `*`.
 */
export function firstSubscription(url: string, request: SubscriptionRequest): Subscription {
  const names = request.subscribe.filter((name) => name !== WILDCARD);
  const legacy = request.subscribe.length === 0 && takesLegacyWildcard(url);
  const wildcard = (legacy || request.subscribe.includes(WILDCARD)) && !request.unsubscribe.includes(WILDCARD);
  const dropped = new Set(request.unsubscribe);
  return { wildcard, names: new Ledger(names.filter((name) => !dropped.has(name)).map((name) => [name, true])) };
}

/**
 * A later request. Three rules of "Subscribing to and unsubscribing from resources":
 * a name that is subscribed again is sent again, because the proxy may have forgotten it;
 * names come in addition to a wildcard, also to the legacy one, which only `*` in the unsubscribe list ends;
 * a name that is unsubscribed while a wildcard covers it is answered again, because the proxy forgets it.
 */
export function resubscribe(before: Subscription, request: SubscriptionRequest): Subscribed {
  const asked = request.subscribe.filter((name) => name !== WILDCARD);
  const joined = before.names.with(marks(asked));
  const left = request.unsubscribe.filter((name) => name !== WILDCARD && joined.has(name));
  const names = joined.with(left.map((name) => [name, undefined] as const));
  const wildcard = (before.wildcard || request.subscribe.includes(WILDCARD)) && !request.unsubscribe.includes(WILDCARD);
  return {
    subscription: { wildcard, names },
    answer: wildcard ? [...asked, ...left] : asked.filter((name) => names.has(name)),
    dropped: wildcard ? [] : left,
    opened: wildcard && !before.wildcard,
    closed: before.wildcard && !wildcard,
  };
}
