import type { Collection, Commit } from '../collection/index.ts';
import type { ProxyClass, Resource, ResourceType } from '../model/index.ts';
import { Arrivals } from './arrivals.ts';
import { awaitsAnswer, busy, hasWork } from './batch.ts';
import { excess, type Refusal } from './limits.ts';
import { parseNode } from './node.ts';
import type { AdsCallbacks, AdsInputs, Conversation, ExchangeOptions } from './outside.ts';
import type { Culprit } from './rejection.ts';
import { type DeltaRequest, decodeRequest } from './request.ts';
import { responseSize } from './response.ts';
import { Roster, type Talk, type Wire } from './roster.ts';
import { newStats, type Stats } from './stats.ts';
import { Activity, type StreamStatus, statusOf } from './status.ts';
import { newStream, type StreamEffect, type StreamEvent, type StreamState, step } from './stream.ts';
import { Turns } from './turns.ts';
import { type Shelves, typeOf } from './types.ts';
import { View } from './view.ts';

/** Unknown types that are worth a notice. */
const MAX_NOTICES = 256;

const NO_SHELVES: Shelves = { lookup: () => undefined, names: () => [] };

/**
 * All streams together: which belong to which class, who is to hear of a commit, whose turn it is. Knows no socket; time and
 * the event loop are handed in.
 */
export class Exchange {
  readonly stats: Stats = newStats();
  readonly #view: View;
  readonly #classOf: Collection<ProxyClass>;
  readonly #callbacks: AdsCallbacks;
  readonly #options: ExchangeOptions;
  readonly #roster = new Roster();
  readonly #turns: Turns;
  readonly #arrivals: Arrivals;
  readonly #unknownTypes = new Set<string>();
  readonly #stopFollowing: () => void;
  #version = 0;

  constructor(inputs: AdsInputs, callbacks: AdsCallbacks, options: ExchangeOptions) {
    this.#view = new View(inputs.graph, inputs.tables);
    this.#classOf = inputs.classOf;
    this.#callbacks = callbacks;
    this.#options = options;
    this.#turns = new Turns((talk) => this.#serve(talk), options.defer);
    this.#arrivals = new Arrivals((talks) => this.#admit(talks), options.defer);
    this.#stopFollowing = inputs.graph.onCommit((commit) => this.#follow(commit));
  }

  /** A new stream. Its first request must carry the node. */
  connect(wire: Wire): Conversation {
    const talk: Talk = {
      wire,
      connectedAt: this.#options.now(),
      activity: new Activity(),
      node: undefined,
      classId: '',
      shelves: NO_SHELVES,
      early: undefined,
      state: newStream(),
      writable: true,
      queued: false,
      open: true,
    };
    this.#roster.talks.add(talk);
    this.stats.streams += 1;
    this.stats.streamsOpened += 1;
    return {
      request: (message) => this.#guard(talk, () => this.#request(talk, message)),
      drained: () => {
        talk.writable = true;
        this.#turns.add(talk);
      },
      closed: () => this.#forget(talk),
    };
  }

  /** To be called about once a second: gives up on late answers, and on proxies that did not come back. */
  tick(): void {
    const now = this.#options.now();
    for (const talk of this.#roster.talks) {
      const late = now - talk.activity.lastSentAt >= this.#options.patienceMs;
      if (late && waits(talk.state)) this.#guard(talk, () => this.#absorb(talk, { kind: 'overdue' }));
    }
    for (const nodeId of this.#roster.gone(now - this.#options.lingerMs)) {
      this.#tell(`the departure of ${quoted(nodeId)}`, () => this.#callbacks.onDisconnect(nodeId));
    }
  }

  /** To be called about twice a minute: earlier versions that nobody rejected are let go. */
  age(): void {
    this.#view.age();
  }

  /** One entry for each stream that has said who it is. */
  status(): StreamStatus[] {
    return [...this.#roster.talks].flatMap((talk) =>
      talk.node === undefined ? [] : [statusOf(talk.node, talk.classId, talk.connectedAt, talk.state, talk.activity)],
    );
  }

  /** The versions that are withheld from whole classes. */
  quarantine(): { class: string; type: ResourceType; name: string; version: string }[] {
    return [...this.#view.refused()].flatMap(({ url, ...rest }) => {
      const type = typeOf(url);
      return type === undefined ? [] : [{ ...rest, type }];
    });
  }

  /** Nothing is left to be sent or acknowledged. */
  get settled(): boolean {
    for (const { state } of this.#roster.talks) for (const type of state.types.values()) if (busy(type)) return false;
    return true;
  }

  /** Ends every stream; the proxies will look for another server. */
  close(detail: string): void {
    this.#stopFollowing();
    for (const talk of [...this.#roster.talks]) this.#end(talk, ['unavailable', detail]);
  }

  #request(talk: Talk, message: Uint8Array): void {
    if (!talk.open) return;
    this.stats.requests += 1;
    let request: DeltaRequest;
    try {
      request = decodeRequest(message);
    } catch (error) {
      this.#refuse(talk, ['invalid-argument', `the request cannot be read: ${textOf(error)}`]);
      return;
    }
    if (talk.early !== undefined) talk.early.push(request);
    else if (talk.node === undefined) this.#introduce(talk, request);
    else this.#take(talk, request);
  }

  #take(talk: Talk, request: DeltaRequest): void {
    const refusal = excess(talk.state, request);
    if (refusal !== undefined) {
      this.#refuse(talk, refusal);
      return;
    }
    this.#noticeType(request.typeUrl);
    this.#absorb(talk, { kind: 'request', request });
  }

  #introduce(talk: Talk, request: DeltaRequest): void {
    if (request.node === undefined) {
      this.#refuse(talk, ['invalid-argument', 'the first request of a stream must carry the node']);
      return;
    }
    try {
      this.#roster.introduce(talk, parseNode(request.node));
    } catch (error) {
      this.#refuse(talk, ['invalid-argument', `the node cannot be read: ${textOf(error)}`]);
      return;
    }
    talk.early = [request];
    this.#arrivals.add(talk);
  }

  /** Lets in streams that came at about the same time. If that fails for all at once, one of them is to blame. */
  #admit(talks: readonly Talk[]): void {
    const present = talks.filter(({ open }) => open);
    const connect = (some: readonly Talk[]): void =>
      this.#callbacks.onConnect(some.map(({ node }) => node).filter((node) => node !== undefined));
    try {
      connect(present);
    } catch {
      for (const talk of present) this.#guard(talk, () => connect([talk]));
    }
    for (const talk of present) this.#guard(talk, () => this.#enter(talk));
  }

  /** The class is known: what the stream said meanwhile is heard. */
  #enter(talk: Talk): void {
    const { early = [], node } = talk;
    const proxyClass = node && this.#classOf.get(node.id);
    if (proxyClass === undefined) {
      this.#refuse(talk, ['invalid-argument', `no proxy can be made of the node ${quoted(node?.id ?? '')}`]);
      return;
    }
    this.#roster.join(talk, proxyClass.id, this.#view.of(proxyClass.id));
    talk.early = undefined;
    for (const request of early) if (talk.open) this.#take(talk, request);
  }

  #noticeType(url: string): void {
    if (typeOf(url) !== undefined || this.#unknownTypes.has(url) || this.#unknownTypes.size >= MAX_NOTICES) return;
    this.#unknownTypes.add(url);
    this.#callbacks.onNotice(`a proxy asks for ${quoted(url)}, which is not served here: it is told that there is none`);
  }

  /** Inside a commit: marks what changed, sends nothing. */
  #follow(commit: Commit): void {
    this.#version = commit.version;
    for (const [classId, types] of this.#view.apply(commit)) {
      for (const talk of this.#roster.ofClass(classId)) {
        for (const [url, names] of types)
          this.#guard(talk, () => this.#absorb(talk, { kind: 'changed', url, names: names.keys() }));
      }
    }
    for (const [nodeId, { after }] of commit.diff(this.#classOf)) {
      // A proxy that is gone from the table while its stream is open keeps what it has.
      if (after === undefined) continue;
      for (const talk of [...this.#roster.ofNode(nodeId)]) {
        if (talk.classId === '' || talk.classId === after.id) continue;
        this.#roster.join(talk, after.id, this.#view.of(after.id));
        this.#guard(talk, () => this.#absorb(talk, { kind: 'moved' }));
      }
    }
  }

  #absorb(talk: Talk, event: StreamEvent): void {
    const [next, effects] = step(talk.state, event, talk.shelves);
    talk.state = next;
    for (const effect of effects) this.#perform(talk, effect);
    if (mayWork(talk.state)) this.#turns.add(talk);
  }

  /** One turn of one stream. Gives the bytes sent. */
  #serve(talk: Talk): number {
    let bytes = 0;
    this.#guard(talk, () => {
      const [next, effects] = step(talk.state, { kind: 'turn' }, talk.shelves);
      talk.state = next;
      for (const effect of effects) bytes += this.#perform(talk, effect);
      if (bytes > 0 && mayWork(talk.state)) this.#turns.add(talk);
    });
    return bytes;
  }

  #perform(talk: Talk, effect: StreamEffect): number {
    const times = talk.activity.of(effect.url);
    switch (effect.kind) {
      case 'send': {
        const { url, nonce, put, removed } = effect;
        const message = { typeUrl: url, nonce, systemVersion: String(this.#version), put, remove: removed };
        const size = responseSize(message);
        times.nonce = nonce;
        times.sentAt = talk.activity.lastSentAt = this.#options.now();
        this.stats.pushes += 1;
        this.stats.bytes += size;
        this.stats.resources += put.length;
        this.stats.removals += removed.length;
        talk.writable = talk.wire.send(message);
        return size;
      }
      case 'acknowledged':
        this.stats.acks += 1;
        times.ackAt = this.#options.now();
        times.nack = '';
        return 0;
      case 'rejected':
        this.stats.nacks += 1;
        times.nacks += 1;
        times.nack = effect.detail;
        for (const culprit of effect.culprits) this.#quarantine(talk, effect.url, culprit);
        return 0;
      default:
        return effect satisfies never;
    }
  }

  /**
   * The proxy that rejected a version is not sent it again. The others of its class are spared too, unless one of them has
   * accepted it: then the reason lies with this proxy (a port that is taken), and it shall not harm the others.
   */
  #quarantine(talk: Talk, url: string, { resource, detail }: Culprit): void {
    const { name, version } = resource;
    this.stats.refused += 1;
    const peers = this.#roster.ofClass(talk.classId);
    const accepted = [...peers].some((peer) => peer !== talk && hasAccepted(peer.state, url, resource));
    const classWide = !accepted && this.#view.refuse(talk.classId, url, name, version);
    if (classWide) {
      for (const peer of peers) this.#guard(peer, () => this.#absorb(peer, { kind: 'changed', url, names: [name] }));
    }
    const type = typeOf(url);
    if (type === undefined || talk.node === undefined) return;
    const target = this.#view.targetOf(talk.classId, type, name);
    const about = { node: talk.node.id, class: talk.classId, type, name, version, detail, classWide };
    this.#tell('a rejection', () => this.#callbacks.onNack(target === undefined ? about : { ...about, target }));
  }

  /** Runs something for one stream; what goes wrong ends this stream and no other. */
  #guard(talk: Talk, run: () => void): void {
    if (!talk.open) return;
    try {
      run();
    } catch (error) {
      this.stats.failures += 1;
      this.#callbacks.onNotice(`a stream of ${quoted(talk.node?.id ?? '')} failed: ${textOf(error)}`);
      this.#end(talk, ['internal', 'the control plane failed on this stream']);
    }
  }

  /** Passes something on that no stream depends on: if nobody can take it in, the streams go on. */
  #tell(what: string, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.stats.failures += 1;
      this.#callbacks.onNotice(`${what} could not be taken in: ${textOf(error)}`);
    }
  }

  #refuse(talk: Talk, refusal: Refusal): void {
    this.stats.streamsRefused += 1;
    this.#end(talk, refusal);
  }

  #end(talk: Talk, [code, detail]: Refusal): void {
    if (!talk.open) return;
    this.#forget(talk);
    talk.wire.close(code, detail);
  }

  #forget(talk: Talk): void {
    if (!talk.open) return;
    talk.open = false;
    this.stats.streams -= 1;
    this.#roster.leave(talk, this.#options.now());
  }
}

function mayWork(state: StreamState): boolean {
  for (const type of state.types.values()) if (hasWork(type)) return true;
  return false;
}

/** An answer is missing, and something waits for it. */
function waits(state: StreamState): boolean {
  return mayWork(state) && [...state.types.values()].some(awaitsAnswer);
}

function hasAccepted(state: StreamState, url: string, { name, version }: Resource): boolean {
  const type = state.types.get(url);
  if (type?.sent.get(name) !== version) return false;
  for (const { put } of type.inFlight.values()) if (put.some((r) => r.name === name)) return false;
  return true;
}

/** Foreign text for a log line or an error: short, and without control characters. */
const quoted = (text: string): string => JSON.stringify(text.slice(0, 256));
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
