import type { Resource } from '../model/index.ts';
import { Ledger } from './ledger.ts';
import { wireSize } from './response.ts';
import { covers } from './subscription.ts';
import { ABSENT, AGAIN, hasSomething, isVersion, type TypeState, UNKNOWN } from './type-state.ts';
import { type Shelves, WITHHELD } from './types.ts';

/** What one response is to carry. */
export interface Chunk {
  readonly put: readonly Resource[];
  readonly removed: readonly string[];
}

/** A response ends at this size: enough that the cost of a message does not count, little enough that streams take turns. */
export const CHUNK_BYTES = 256 * 1024;
/** Names that no longer exist cost a few bytes each; they are limited by number. */
const CHUNK_REMOVALS = 4096;

const EMPTY: Chunk = { put: [], removed: [] };

/** An answer is missing, and not for so long that we gave up on it. */
export const awaitsAnswer = (type: TypeState): boolean => type.inFlight.size > 0 && !type.overdue;

/** There is something new to look at. */
const hasNews = (type: TypeState): boolean =>
  type.suspects.length > 0 || type.at < type.queue.length || type.dirty.size > 0 || type.greet;

/** Something of this type is being sent, or is to be sent, or is not acknowledged: what depends on it has to wait. */
export const busy = (type: TypeState): boolean => awaitsAnswer(type) || hasNews(type);

/** A turn may find something to send. */
export const hasWork = (type: TypeState): boolean => type.leaving.size > 0 || hasNews(type);

/**
 * The next response with something new of this type, or undefined when there is none now. A batch goes out without waiting in
 * between; the next batch, and each group of suspects, waits for the answers to the one before. Names that must go are set
 * aside for {@link nextRemovals}.
 */
export function nextPuts(type: TypeState, url: string, shelves: Shelves): readonly [TypeState, Chunk | undefined] {
  const blocked = awaitsAnswer(type);
  let state = type;
  while (state.suspects.length > 0) {
    if (blocked) return [state, undefined];
    const [group = [], ...suspects] = state.suspects;
    const filled = fill({ ...state, suspects }, group, 0, url, shelves);
    state = filled.end < group.length ? { ...filled.state, suspects: [group.slice(filled.end), ...suspects] } : filled.state;
    if (filled.chunk !== undefined) return [state, filled.chunk];
  }
  for (;;) {
    if (state.at < state.queue.length) {
      const { queue } = state;
      const filled = fill(state, queue, state.at, url, shelves);
      const over = filled.end >= queue.length;
      state = { ...filled.state, queue: over ? [] : queue, at: over ? 0 : filled.end };
      if (filled.chunk !== undefined) return [state, filled.chunk];
    }
    if (blocked || state.dirty.size === 0) break;
    state = { ...state, queue: [...state.dirty.keys()], at: 0, dirty: new Ledger<true>() };
  }
  if (state.greet && !blocked) return [state, EMPTY];
  return [state, undefined];
}

interface Filled {
  readonly state: TypeState;
  readonly chunk: Chunk | undefined;
  /** Index of the first name that was not looked at. */
  readonly end: number;
}

function fill(type: TypeState, names: readonly string[], start: number, url: string, shelves: Shelves): Filled {
  const put: Resource[] = [];
  const removed: string[] = [];
  const leaving: [string, true][] = [];
  let bytes = 0;
  let at = start;
  for (; at < names.length; at += 1) {
    const name = names[at] as string;
    const verdict = judge(type, name, url, shelves);
    if (verdict === undefined) continue;
    if (verdict === 'answer') {
      if (removed.length >= CHUNK_REMOVALS) break;
      removed.push(name);
    } else if (verdict === 'leave') leaving.push([name, true]);
    else {
      const size = wireSize(verdict);
      if (put.length > 0 && bytes + size > CHUNK_BYTES) break;
      put.push(verdict);
      bytes += size;
    }
  }
  const state = leaving.length === 0 ? type : { ...type, leaving: type.leaving.with(leaving) };
  return { state, chunk: put.length + removed.length > 0 ? { put, removed } : undefined, end: at };
}

/**
 * What the proxy must be told of a name: a resource to have; `answer`, that there is none (it asked, and Envoy would wait
 * for it, "Knowing When a Requested Resource Does Not Exist" of the xDS protocol); `leave`, that what it has must go; or nothing.
 * Of a type that has placeholders, what was asked for and is not there is one (spec/istio.md 4.3, last line).
 */
function judge(type: TypeState, name: string, url: string, shelves: Shelves): Resource | 'answer' | 'leave' | undefined {
  const { subscription, sent, refused } = type;
  if (!covers(subscription, name)) return undefined;
  const had = sent.get(name);
  let wanted = shelves.lookup(url, name);
  if (typeof wanted === 'object' && refused.size > 0 && refused.get(name) === wanted.version) wanted = WITHHELD;
  if (typeof wanted === 'object') return had === wanted.version || waits(wanted, had) ? undefined : wanted;
  const placeholder = wanted === undefined && subscription.names.has(name) ? shelves.placeholder?.(url, name) : undefined;
  if (isVersion(had)) return wanted === WITHHELD || had === placeholder?.version ? undefined : 'leave';
  if (had === UNKNOWN || had === AGAIN || (had !== ABSENT && subscription.names.has(name))) return placeholder ?? 'answer';
  return undefined;
}

/** What is not known yet is no reason to take away what the proxy has, and while it is being asked for, nobody is told anything. */
function waits({ unknown }: Resource, had: string | undefined): boolean {
  return unknown === 'hold' || (unknown === 'keep' && hasSomething(had));
}

/** The next response that takes away, undefined when nothing has to go. Names that came back meanwhile stay. */
export function nextRemovals(type: TypeState, url: string, shelves: Shelves): readonly [TypeState, Chunk | undefined] {
  if (type.leaving.size === 0) return [type, undefined];
  const removed: string[] = [];
  const looked: [string, undefined][] = [];
  for (const name of type.leaving.keys()) {
    if (removed.length >= CHUNK_REMOVALS) break;
    looked.push([name, undefined]);
    const gone = covers(type.subscription, name) && shelves.lookup(url, name) === undefined && isVersion(type.sent.get(name));
    if (gone) removed.push(name);
  }
  const state = { ...type, leaving: type.leaving.with(looked) };
  return [state, removed.length > 0 ? { put: [], removed } : undefined];
}
