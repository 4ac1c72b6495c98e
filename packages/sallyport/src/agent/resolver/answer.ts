import { addressReply, type Question, refusalReply } from './message.ts';
import { canonicalName, type Names } from './names.ts';
import type { Forwarder, Upstream } from './upstream.ts';

/** Istio's, and not configurable there either (spec/istio.md 3.4). */
const TTL_SECONDS = 30;
const MOST_PENDING = 2_000;

export interface Answering {
  readonly names: Names;
  readonly forwarder: Forwarder;
  readonly upstream: Upstream['kind'];
  /** Hears once that queries come back to us. */
  readonly onLoop: () => void;
}

/** The answer to a question: from the table of names, else from upstream, else the reason why there is none. */
export async function answerTo(question: Question, { names, forwarder, upstream, onLoop }: Answering): Promise<Buffer> {
  const found = names.lookup(canonicalName(question.name), question.type);
  switch (found.kind) {
    case 'known':
      return addressReply(question, found.addresses, TTL_SECONDS);
    case 'not-ready':
      return refusalReply(question, 'SERVFAIL');
    case 'unknown':
      break;
  }
  if (upstream === 'nobody') return refusalReply(question, 'NXDOMAIN');
  if (forwarder.isOwn(question)) {
    onLoop();
    return refusalReply(question, 'SERVFAIL');
  }
  if (forwarder.pending >= MOST_PENDING) return refusalReply(question, 'SERVFAIL');
  return (await forwarder.ask(question)) ?? refusalReply(question, 'SERVFAIL');
}
