import type { Resource, ResourceType } from '../../model/index.ts';
import type { DeltaRequest } from '../request.ts';
import { newStream, type StreamEffect, type StreamEvent, type StreamState, step } from '../stream.ts';
import { type Shelves, typeOf, urlOf, WITHHELD } from '../types.ts';

/** What a proxy is to have, written by hand: names and versions by type. */
export class HandShelves implements Shelves {
  readonly #rows = new Map<string, Map<string, Resource | typeof WITHHELD>>();

  put(type: ResourceType, versions: Readonly<Record<string, string>>, size = 1): this {
    const rows = this.#rows.get(urlOf[type]) ?? new Map<string, Resource | typeof WITHHELD>();
    this.#rows.set(urlOf[type], rows);
    for (const [name, version] of Object.entries(versions)) rows.set(name, { type, name, version, bytes: new Uint8Array(size) });
    return this;
  }

  putUnknown(type: ResourceType, name: string, unknown: 'hold' | 'keep'): void {
    this.put(type, {});
    this.#rows.get(urlOf[type])?.set(name, { type, name, version: 'empty', bytes: new Uint8Array(1), unknown });
  }

  withhold(type: ResourceType, name: string): void {
    this.#rows.get(urlOf[type])?.set(name, WITHHELD);
  }

  remove(type: ResourceType, ...names: string[]): void {
    for (const name of names) this.#rows.get(urlOf[type])?.delete(name);
  }

  lookup(url: string, name: string): Resource | typeof WITHHELD | undefined {
    return this.#rows.get(url)?.get(name);
  }

  placeholder(url: string, name: string): Resource | undefined {
    return url === urlOf.route ? { type: 'route', name, version: 'empty', bytes: new Uint8Array(1) } : undefined;
  }

  names(url: string): readonly string[] {
    return [...(this.#rows.get(url)?.keys() ?? [])];
  }
}

type Ask = Partial<Omit<DeltaRequest, 'typeUrl' | 'initialVersions'>> & { readonly initial?: Readonly<Record<string, string>> };

/** A stream without a wire: events in, sends out as text like `cluster#3 +a=1 -b`. */
export class Script {
  readonly shelves: HandShelves;
  readonly rejected: string[] = [];
  state: StreamState = newStream();

  constructor(shelves = new HandShelves()) {
    this.shelves = shelves;
  }

  event(event: StreamEvent): readonly StreamEffect[] {
    const [state, effects] = step(this.state, event, this.shelves);
    this.state = state;
    for (const effect of effects) {
      if (effect.kind !== 'rejected') continue;
      this.rejected.push(
        effect.culprits.map(({ resource, detail }) => `${resource.name}=${resource.version}: ${detail}`).join('; '),
      );
    }
    return effects;
  }

  /** One turn: what is sent, if anything. */
  turn(): string | undefined {
    const send = this.event({ kind: 'turn' }).find((effect) => effect.kind === 'send');
    return send && sentence(send);
  }

  /** Turns until there is nothing more to send. */
  sends(): string[] {
    const all: string[] = [];
    for (let next = this.turn(); next !== undefined; next = this.turn()) all.push(next);
    return all;
  }

  ask(type: ResourceType | string, ask: Ask = {}): string[] {
    const { initial = {}, ...rest } = ask;
    const typeUrl = urlOf[type as ResourceType] ?? type;
    const initialVersions = Object.entries(initial);
    const request: DeltaRequest = { typeUrl, subscribe: [], unsubscribe: [], nonce: '', initialVersions, ...rest };
    this.event({ kind: 'request', request });
    return this.sends();
  }

  ack(type: ResourceType | string, nonce: number): string[] {
    return this.ask(type, { nonce: String(nonce) });
  }

  nack(type: ResourceType, nonce: number, message: string): string[] {
    return this.ask(type, { nonce: String(nonce), error: { code: 13, message } });
  }

  changed(type: ResourceType, ...names: string[]): string[] {
    this.event({ kind: 'changed', url: urlOf[type], names });
    return this.sends();
  }
}

function sentence(send: Extract<StreamEffect, { kind: 'send' }>): string {
  const put = send.put.map((r) => `+${r.name}=${r.version}`);
  return [`${typeOf(send.url) ?? send.url}#${send.nonce}`, ...put, ...send.removed.map((name) => `-${name}`)].join(' ');
}
