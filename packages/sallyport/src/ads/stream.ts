import type { Resource } from '../model/index.ts';
import { busy, type Chunk, nextPuts, nextRemovals } from './batch.ts';
import { Ledger, marks } from './ledger.ts';
import { cleanDetail } from './nack.ts';
import { mustPrecede, ORDER, REMOVAL_ORDER } from './order.ts';
import { type Culprit, reject } from './rejection.ts';
import type { DeltaRequest } from './request.ts';
import { covers, firstSubscription, resubscribe } from './subscription.ts';
import { AGAIN, deliver, demand, markDirty, newTypeState, settle, type TypeState } from './type-state.ts';
import { type Shelves, urlOf } from './types.ts';

/** All that one stream knows, by type URL. A value: {@link step} gives the next one. */
export interface StreamState {
  readonly types: ReadonlyMap<string, TypeState>;
  /** Responses sent so far; the nonce is the number of the response. */
  readonly responses: number;
  /** Clusters sent before the proxy asked for endpoints; of no use afterwards. */
  readonly clustersSent: Ledger<true>;
}

export type StreamEvent =
  /** Subscriptions, an acknowledgement or a rejection, or several of them in one. */
  | { readonly kind: 'request'; readonly request: DeltaRequest }
  /** A commit changed these names of the stream's class. */
  | { readonly kind: 'changed'; readonly url: string; readonly names: Iterable<string> }
  /** The proxy belongs to another class now: everything may be different. */
  | { readonly kind: 'moved' }
  /** Answers are missing for so long that nothing shall wait for them any more. */
  | { readonly kind: 'overdue' }
  /** The transport takes a message, and it is this stream's turn. The only event that sends. */
  | { readonly kind: 'turn' };

export type StreamEffect =
  | {
      readonly kind: 'send';
      readonly url: string;
      readonly nonce: string;
      readonly put: readonly Resource[];
      readonly removed: readonly string[];
    }
  | { readonly kind: 'acknowledged'; readonly url: string; readonly nonce: string }
  /** Empty `culprits`: not known yet, or the rejection was about no resource. */
  | {
      readonly kind: 'rejected';
      readonly url: string;
      readonly nonce: string;
      readonly culprits: readonly Culprit[];
      readonly detail: string;
    };

export const newStream = (): StreamState => ({
  types: new Map(),
  responses: 0,
  clustersSent: new Ledger<true>(),
});

/**
 * The protocol: what a stream knows after an event, and what is to be done. What is to be sent waits for its turn, so that
 * changes merge as long as the transport takes nothing; each turn gives one `send` at most. No clock, no socket: equal
 * arguments, equal result.
 */
export function step(state: StreamState, event: StreamEvent, shelves: Shelves): readonly [StreamState, readonly StreamEffect[]] {
  switch (event.kind) {
    case 'request':
      return take(state, event.request, shelves);
    case 'changed': {
      const type = state.types.get(event.url);
      if (type === undefined) return [state, NO_EFFECTS];
      const names = [...event.names].filter((name) => covers(type.subscription, name));
      return [names.length === 0 ? state : withType(state, event.url, markDirty(type, names)), NO_EFFECTS];
    }
    case 'moved':
      return [everyType(state, (type, url) => markDirty(type, everyName(type, url, shelves))), NO_EFFECTS];
    case 'overdue':
      return [everyType(state, (type) => ({ ...type, overdue: type.inFlight.size > 0 })), NO_EFFECTS];
    case 'turn':
      return send(state, shelves);
    default:
      return event satisfies never;
  }
}

const NO_EFFECTS: readonly StreamEffect[] = [];

const everyType = (state: StreamState, change: (type: TypeState, url: string) => TypeState): StreamState => ({
  ...state,
  types: new Map([...state.types].map(([url, type]) => [url, change(type, url)] as const)),
});

const withType = (state: StreamState, url: string, type: TypeState): StreamState => ({
  ...state,
  types: new Map(state.types).set(url, type),
});

function* everyName(type: TypeState, url: string, shelves: Shelves): Generator<string> {
  yield* type.sent.keys();
  yield* type.subscription.names.keys();
  if (type.subscription.wildcard) yield* shelves.names(url);
}

function take(state: StreamState, request: DeltaRequest, shelves: Shelves): readonly [StreamState, readonly StreamEffect[]] {
  const { typeUrl: url, nonce, error } = request;
  const type = state.types.get(url);
  if (type === undefined) return [begin(state, request, shelves), []];
  const effects: StreamEffect[] = [];
  let answered = type;
  if (error !== undefined && type.inFlight.has(nonce)) {
    const [after, culprits] = reject(type, nonce, error.message);
    effects.push({ kind: 'rejected', url, nonce, culprits, detail: cleanDetail(error.message) });
    answered = after;
  } else if (type.inFlight.has(nonce)) {
    answered = settle(type, nonce);
    effects.push({ kind: 'acknowledged', url, nonce });
  }
  return [withType(state, url, subscribe(answered, request, shelves)), effects];
}

/** Names and versions as the tables spell them, so that streams share one copy of each text. */
const shared = (url: string, shelves: Shelves) => (name: string) => {
  const resource = shelves.lookup(url, name);
  return typeof resource === 'object' ? resource : undefined;
};

/**
 * The first request for a type. What the proxy kept from an earlier stream is not sent again ("initial_resource_versions"), and
 * is not even looked at again: all proxies together come back with hundreds of thousands of names.
 */
function begin(state: StreamState, request: DeltaRequest, shelves: Shelves): StreamState {
  const { typeUrl: url, initialVersions } = request;
  const find = shared(url, shelves);
  const subscribe = request.subscribe.map((name) => find(name)?.name ?? name);
  const subscription = firstSubscription(url, { subscribe, unsubscribe: request.unsubscribe });
  const kept = new Map<string, string>();
  const outdated = new Set<string>();
  for (const [name, version] of initialVersions) {
    if (!covers(subscription, name)) continue;
    const resource = find(name);
    const present = resource?.version === version ? resource : undefined;
    // A cluster that was sent on this stream waits for its endpoints although they are the same as before.
    const warming = url === urlOf.endpoints && state.clustersSent.has(name);
    const known = resource?.name ?? name;
    kept.set(known, warming ? AGAIN : (present?.version ?? version));
    if (warming || present === undefined) outdated.add(known);
  }
  const asked = [...(subscription.wildcard ? shelves.names(url) : []), ...subscription.names.keys()];
  const queue = [...new Set([...asked.filter((name) => outdated.has(name) || !kept.has(name)), ...outdated])];
  const greet = subscription.wildcard && initialVersions.length === 0;
  const next = withType(state, url, newTypeState(subscription, new Ledger(kept), queue, greet));
  return url === urlOf.endpoints ? { ...next, clustersSent: new Ledger<true>() } : next;
}

function subscribe(type: TypeState, request: DeltaRequest, shelves: Shelves): TypeState {
  if (request.subscribe.length === 0 && request.unsubscribe.length === 0) return type;
  const url = request.typeUrl;
  const find = shared(url, shelves);
  const names = request.subscribe.map((name) => find(name)?.name ?? name);
  const after = resubscribe(type.subscription, { subscribe: names, unsubscribe: request.unsubscribe });
  const next = { ...type, subscription: after.subscription };
  const forgotten = after.closed ? [...type.sent.keys()].filter((name) => !after.subscription.names.has(name)) : after.dropped;
  const kept = { ...next, sent: next.sent.with(forgotten.map((name) => [name, undefined] as const)) };
  const demanded = demand(kept, after.answer);
  return after.opened ? markDirty(demanded, shelves.names(url)) : demanded;
}

/** Sends what is next, if anything is. */
function send(state: StreamState, shelves: Shelves): readonly [StreamState, readonly StreamEffect[]] {
  const types = new Map(state.types);
  const ready = choose(types, shelves);
  if (ready === undefined) return [{ ...state, types }, NO_EFFECTS];
  const { url, chunk } = ready;
  const nonce = String(state.responses + 1);
  types.set(url, deliver(types.get(url) as TypeState, nonce, chunk.put, chunk.removed));
  const next = { ...state, types, responses: state.responses + 1 };
  return [url === urlOf.cluster ? resendEndpoints(next, chunk.put) : next, [{ kind: 'send', url, nonce, ...chunk }]];
}

/** The type whose turn it is, with what it is to send. What turns out to need nothing is struck off in `types`. */
function choose(types: Map<string, TypeState>, shelves: Shelves): { url: string; chunk: Chunk } | undefined {
  const isBusy = (url: string): boolean => {
    const type = types.get(url);
    return type !== undefined && busy(type);
  };
  const attempt = (url: string, next: typeof nextPuts): Chunk | undefined => {
    const [after, chunk] = next(types.get(url) as TypeState, url, shelves);
    types.set(url, after);
    return chunk;
  };
  const free = [...types.keys()].filter((url) => !ORDER.includes(url));
  for (const url of [...ORDER, ...free]) {
    if (!isBusy(url) || mustPrecede(url).some(isBusy)) continue;
    const chunk = attempt(url, nextPuts);
    if (chunk !== undefined) return { url, chunk };
  }
  const removable = ORDER.some(isBusy) ? free : [...REMOVAL_ORDER, ...free];
  for (const url of removable) {
    if (!types.has(url) || isBusy(url)) continue;
    const chunk = attempt(url, nextRemovals);
    if (chunk !== undefined) return { url, chunk };
  }
  return undefined;
}

/**
 * A changed cluster warms until its endpoints have come, also those it had: Envoy does not ask again and would wait for its
 * `initial_fetch_timeout` (spec/envoy.md 1, fact 1). The endpoints of a cluster bear its name.
 */
function resendEndpoints(state: StreamState, clusters: readonly Resource[]): StreamState {
  const names = clusters.map((r) => r.name);
  const endpoints = state.types.get(urlOf.endpoints);
  if (endpoints === undefined) return { ...state, clustersSent: state.clustersSent.with(marks(names)) };
  return withType(
    state,
    urlOf.endpoints,
    demand(
      endpoints,
      names.filter((name) => endpoints.subscription.names.has(name)),
    ),
  );
}
