import type { ResourceType } from '../../model/index.ts';
import { urlOf } from '../types.ts';
import { type Response, readResponse, requestBytes } from './messages.ts';

interface Held {
  readonly version: string;
  readonly content: string;
}

interface Request {
  readonly typeUrl: string;
  readonly responseNonce?: string;
  readonly resourceNamesSubscribe?: string[];
  readonly resourceNamesUnsubscribe?: string[];
  readonly initialResourceVersions?: Record<string, string>;
  readonly errorDetail?: { readonly code: number; readonly message: string };
}

/** The types this proxy asks for by name, and the type whose names it asks for. */
const FOLLOWS: ReadonlyMap<ResourceType, ResourceType> = new Map([
  ['cluster', 'endpoints'],
  ['listener', 'route'],
]);
const ALL: readonly ResourceType[] = ['cluster', 'endpoints', 'listener', 'route'];

/**
 * A proxy without a wire, which behaves as Envoy was seen to (spec/envoy.md 1 and 2): wildcards without a name, endpoints for
 * each cluster, a route for each listener, the versions of both on reconnecting. It rejects what contains `bad`: with the
 * names and all others applied when the type is a list of its own, without a name and nothing applied when it contains `mute`.
 */
export class EnvoyLike {
  readonly nodeId: string;
  readonly have = new Map<ResourceType, Map<string, Held>>(ALL.map((type) => [type, new Map()]));
  /** Resources received that it had already in that version, and had not asked for again. */
  needless: string[] = [];
  received = 0;
  readonly #names = new Map<ResourceType, Set<string>>(ALL.map((type) => [type, new Set()]));
  readonly #inbox: Response[] = [];
  readonly #opened = new Set<ResourceType>();
  /** Clusters received since their endpoints came. Until there are none, no answer about clusters is sent. */
  readonly #warming = new Set<string>();
  readonly #held: Request[] = [];
  #first = true;
  #send: ((message: Uint8Array) => void) | undefined;

  constructor(nodeId: string) {
    this.nodeId = nodeId;
  }

  get connected(): boolean {
    return this.#send !== undefined;
  }

  /** Opens a stream and asks as Envoy does, with what it has kept. */
  connect(send: (message: Uint8Array) => void): void {
    this.#send = send;
    this.#first = true;
    this.#opened.clear();
    this.#inbox.length = 0;
    this.#warming.clear();
    this.#held.length = 0;
    for (const type of ALL) this.#open(type);
  }

  disconnect(): void {
    this.#send = undefined;
  }

  receive(message: Uint8Array): void {
    this.#inbox.push(readResponse(message));
  }

  /** Clusters that wait for their endpoints. */
  get cold(): readonly string[] {
    return [...this.#warming];
  }

  get waiting(): number {
    return this.#inbox.length;
  }

  /** Takes the oldest response in and answers it. */
  answer(): void {
    const response = this.#inbox.shift();
    if (response === undefined) return;
    const type = response.type as ResourceType;
    const bad = response.resources.filter(({ content }) => content.includes('bad'));
    const mute = bad.some(({ content }) => content.includes('mute')) || !FOLLOWS.has(type);
    if (bad.length === 0) this.#apply(type, response);
    else if (!mute) this.#apply(type, { ...response, resources: response.resources.filter((r) => !bad.includes(r)) });
    const named = `Error adding/updating ${type}(s) ${bad.map(({ name }) => `${name}: it is bad`).join(', ')}`;
    const error = bad.length === 0 ? {} : { errorDetail: { code: 13, message: mute ? 'cannot be decoded' : named } };
    const answer = { typeUrl: response.url, responseNonce: response.nonce, ...error };
    if (type === 'cluster') this.#held.push(answer);
    else this.#request(answer);
    if (this.#warming.size === 0) for (const held of this.#held.splice(0)) this.#request(held);
    const follower = FOLLOWS.get(type);
    if (follower !== undefined) this.#follow(type, follower);
  }

  #apply(type: ResourceType, response: Response): void {
    const have = this.have.get(type) as Map<string, Held>;
    for (const { name, version, content } of response.resources) {
      this.received += 1;
      const wanted = FOLLOWS.has(type) || this.#names.get(type)?.has(name);
      if (!wanted) continue;
      if (type === 'cluster') this.#warming.add(name);
      const warms = type === 'endpoints' && this.#warming.delete(name);
      if (have.get(name)?.version === version && !warms) this.needless.push(`${this.nodeId} ${type} ${name}`);
      have.set(name, { version, content });
    }
    for (const name of response.removed) {
      have.delete(name);
      if (type !== 'route') this.#warming.delete(name);
    }
  }

  /** Subscribes to what the new list names, and forgets what it no longer names. */
  #follow(type: ResourceType, follower: ResourceType): void {
    const wanted = this.have.get(type) as Map<string, Held>;
    const names = this.#names.get(follower) as Set<string>;
    const subscribe = [...wanted.keys()].filter((name) => !names.has(name));
    const unsubscribe = [...names].filter((name) => !wanted.has(name));
    for (const name of subscribe) names.add(name);
    for (const name of unsubscribe) {
      names.delete(name);
      this.have.get(follower)?.delete(name);
    }
    if (!this.#opened.has(follower)) this.#open(follower);
    else if (subscribe.length + unsubscribe.length > 0) {
      this.#request({ typeUrl: urlOf[follower], resourceNamesSubscribe: subscribe, resourceNamesUnsubscribe: unsubscribe });
    }
  }

  #open(type: ResourceType): void {
    const names = FOLLOWS.has(type) ? [] : [...(this.#names.get(type) ?? [])];
    if (!FOLLOWS.has(type) && names.length === 0) return;
    this.#opened.add(type);
    const versions = [...(this.have.get(type) ?? [])].map(([name, { version }]) => [name, version] as const);
    const initialResourceVersions = Object.fromEntries(versions);
    this.#request({ typeUrl: urlOf[type], resourceNamesSubscribe: names, initialResourceVersions });
  }

  #request(request: Request): void {
    const first = this.#first;
    this.#first = false;
    this.#send?.(requestBytes(first ? { ...request, node: { id: this.nodeId, userAgentName: 'envoy-like' } } : request));
  }
}
