import type { Resource } from '../model/index.ts';
import { marks } from './ledger.ts';
import { blamed, cleanDetail } from './nack.ts';
import { type Delivery, settle, type TypeState } from './type-state.ts';

/** A version that a proxy will not take, and why, in its words. */
export interface Culprit {
  readonly resource: Resource;
  readonly detail: string;
}

/**
 * A response was rejected. All that it carried counts as never sent, also what Envoy did apply: sending that again changes
 * nothing there. The culprits, from the text or because the response carried one resource only, are not sent to this proxy
 * again; without a culprit the response is halved. The rest follows in responses of its own (spec/envoy.md 1, fact 2).
 * Gives the state after, and the culprits.
 */
export function reject(type: TypeState, nonce: string, text: string): readonly [TypeState, readonly Culprit[]] {
  const delivery = type.inFlight.get(nonce);
  if (delivery === undefined) return [type, []];
  const rolledBack = rollBack(settle(type, nonce), delivery);
  const reasons = blamed(text, delivery.put);
  const culprits = delivery.put.flatMap((resource): Culprit[] => {
    const reason = reasons.get(resource.name);
    if (reason === undefined && delivery.put.length > 1) return [];
    return [{ resource, detail: reason ?? cleanDetail(text) }];
  });
  const refused = new Map(rolledBack.refused);
  for (const { resource } of culprits) refused.set(resource.name, resource.version);
  const guilty = culprits.map(({ resource }) => resource.name);
  const rest = delivery.put.map((r) => r.name).filter((name) => !guilty.includes(name));
  const again = delivery.put.length === 0 ? [] : delivery.removed;
  const after: TypeState = {
    ...rolledBack,
    refused,
    suspects: [...groups(rest, culprits.length > 0), ...rolledBack.suspects],
    // A culprit is looked at again: an earlier version may be at hand, or the proxy must hear that there is nothing.
    dirty: rolledBack.dirty.with(marks([...guilty, ...again])),
  };
  return [after, culprits];
}

/** With the culprits gone the rest is probably good and stays together; otherwise each half is tried alone. */
function groups(rest: readonly string[], culpritsKnown: boolean): readonly (readonly string[])[] {
  if (rest.length === 0) return [];
  if (culpritsKnown) return [rest];
  const half = Math.ceil(rest.length / 2);
  return [rest.slice(0, half), rest.slice(half)];
}

function rollBack(type: TypeState, delivery: Delivery): TypeState {
  const { put, putBefore, removed, removedBefore } = delivery;
  const back: [string, string | undefined][] = [];
  put.forEach((r, i) => {
    // Unsubscribed meanwhile, or sent again in another version: nothing to take back.
    if (type.sent.get(r.name) === r.version) back.push([r.name, putBefore[i]]);
  });
  // A rejected response that only removes is taken as done: sending it again would be rejected again.
  if (put.length > 0) removed.forEach((name, i) => void back.push([name, removedBefore[i]]));
  return { ...type, sent: type.sent.with(back), inFlight: rebase(type.inFlight, delivery) };
}

/** Later responses (sent because this answer was overdue) believed that the proxy had what it now rejects. */
function rebase(inFlight: ReadonlyMap<string, Delivery>, gone: Delivery): ReadonlyMap<string, Delivery> {
  if (inFlight.size === 0) return inFlight;
  const before = new Map(gone.put.map((r, i) => [r.name, { version: r.version, had: gone.putBefore[i] }]));
  const earlier = (name: string, had: string | undefined): string | undefined => {
    const rejected = before.get(name);
    return rejected !== undefined && rejected.version === had ? rejected.had : had;
  };
  const rebased = [...inFlight].map(([nonce, d]) => {
    const putBefore = d.putBefore.map((had, i) => earlier(d.put[i]?.name ?? '', had));
    const removedBefore = d.removedBefore.map((had, i) => earlier(d.removed[i] ?? '', had));
    return [nonce, { ...d, putBefore, removedBefore }] as const;
  });
  return new Map(rebased);
}
