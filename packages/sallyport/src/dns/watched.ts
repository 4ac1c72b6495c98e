import { specialUse } from '../lib/special-ranges.ts';
import type { Answer, Question, ZoneAnswer } from '../model/index.ts';
import type { Heard } from './ask.ts';
import { refreshAfter, retryAfter, type Timing } from './timing.ts';

/** A question that is asked again and again, and what has been heard. A value: each event gives the next one. */
export interface Watched {
  readonly question: Question;
  /** What the last server that answered said; absent while none has. */
  readonly addresses?: readonly string[];
  readonly server?: string;
  readonly heardAt?: number;
  /** As the server gave it. */
  readonly ttlSeconds?: number | undefined;
  /** The last addresses of the Internet, and when they were last heard. */
  readonly internet?: { readonly addresses: readonly string[]; readonly at: number };
  /** Failures since the last answer, and what the last one was. */
  readonly failures: number;
  readonly error?: string | undefined;
  readonly elsewhere: readonly ZoneAnswer[];
  /** When it is to be asked next, in milliseconds since the epoch. */
  readonly nextAt: number;
}

/** How long the last good addresses stand in for ones that may be poisoned (spec/security.md A3). */
const KEEP_MS = 300_000;

export const newWatched = (question: Question, now: number): Watched => ({ question, failures: 0, elsewhere: [], nextAt: now });

/** After a round of asking. What was known stays through failures, however long they last. */
export function afterHearing(before: Watched, heard: Heard, now: number, timing: Timing, random: number): Watched {
  if ('error' in heard) {
    const failures = before.failures + 1;
    return { ...before, failures, error: heard.error, nextAt: now + retryAfter(failures, random) };
  }
  const { reply, server } = heard;
  const addresses = reply.kind === 'addresses' ? reply.addresses : [];
  const ofInternet = addresses.filter((address) => specialUse(address) === undefined);
  const internet = ofInternet.length > 0 ? { addresses: ofInternet, at: now } : before.internet;
  const next = now + refreshAfter(reply.ttl, timing, random);
  const { error: _, ...rest } = before;
  return {
    ...rest,
    addresses,
    server,
    heardAt: now,
    ttlSeconds: reply.ttl,
    ...(internet !== undefined && { internet }),
    failures: 0,
    // What stands in is to be dropped in time, also when the answer may be used for longer.
    nextAt: standsIn(addresses, internet, now) ? Math.min(next, internet!.at + KEEP_MS) : next,
  };
}

/** What proxies are given; undefined while nobody has been heard, and nobody failed. */
export function answerOf({ question, addresses, internet, failures, elsewhere }: Watched, now: number): Answer | undefined {
  if (addresses === undefined) return failures === 0 ? undefined : { ...question, addresses: [], unanswered: true };
  return {
    ...question,
    addresses,
    ...(standsIn(addresses, internet, now) && { before: internet!.addresses }),
    ...(elsewhere.length > 0 && { elsewhere }),
  };
}

function standsIn(addresses: readonly string[], internet: Watched['internet'], now: number): boolean {
  if (addresses.length === 0 || internet === undefined || now - internet.at >= KEEP_MS) return false;
  return addresses.every((address) => specialUse(address) !== undefined);
}

/** Zones whose answer has no address in common with ours. That order or a part differs is what large services do. */
export function differing(ours: readonly string[], zones: readonly ZoneAnswer[]): readonly ZoneAnswer[] {
  return zones.filter(({ addresses }) =>
    addresses.length === 0 || ours.length === 0 ? addresses.length !== ours.length : !addresses.some((a) => ours.includes(a)),
  );
}
