import { Exchange } from '../exchange.ts';
import type { Conversation, Nack } from '../outside.ts';
import { encodeResponse } from '../response.ts';
import { EnvoyLike } from './envoy-like.ts';
import { TestMesh } from './mesh.ts';

interface Line {
  conversation: Conversation;
  /** Messages on their way to the proxy. */
  readonly pipe: Uint8Array[];
  blocked: boolean;
  open: boolean;
}

/** An exchange and some proxies with everything between them in the hands of the test: time, delays, and who is slow. */
export class Lab {
  readonly mesh = new TestMesh();
  readonly exchange: Exchange;
  readonly nacks: Nack[] = [];
  readonly notices: string[] = [];
  readonly gone: string[] = [];
  readonly proxies = new Map<string, EnvoyLike>();
  readonly closed: string[] = [];
  /** Messages a line holds before the exchange is told to wait. */
  capacity = 1;
  now = 1_000;
  readonly #classes = new Map<string, string>();
  readonly #lines = new Map<EnvoyLike, Line>();
  #deferred: (() => void)[] = [];

  constructor() {
    const callbacks = {
      onConnect: (nodes: readonly { id: string }[]) =>
        this.mesh.commit((edit) => {
          for (const { id } of nodes) edit.proxy(id, this.#classes.get(id));
        }),
      onDisconnect: (id: string) => {
        this.gone.push(id);
        this.mesh.commit((edit) => edit.proxy(id, undefined));
      },
      onNack: (nack: Nack) => void this.nacks.push(nack),
      onNotice: (text: string) => void this.notices.push(text),
    };
    this.exchange = new Exchange(this.mesh, callbacks, {
      lingerMs: 10_000,
      patienceMs: 5_000,
      now: () => this.now,
      defer: (run) => void this.#deferred.push(run),
    });
  }

  proxy(id: string, classId: string): EnvoyLike {
    const proxy = this.proxies.get(id) ?? new EnvoyLike(id);
    this.proxies.set(id, proxy);
    this.#classes.set(id, classId);
    return proxy;
  }

  /** The class a proxy belongs to. */
  classOf(proxy: EnvoyLike): string {
    return this.#classes.get(proxy.nodeId) ?? '';
  }

  move(proxy: EnvoyLike, classId: string): void {
    this.#classes.set(proxy.nodeId, classId);
    if (this.mesh.classOf.get(proxy.nodeId) !== undefined) this.mesh.commit((edit) => edit.proxy(proxy.nodeId, classId));
  }

  connect(proxy: EnvoyLike): void {
    this.drop(proxy);
    const pipe: Uint8Array[] = [];
    const conversation = this.exchange.connect({
      send: (message) => {
        pipe.push(encodeResponse(message));
        line.blocked = pipe.length >= this.capacity;
        return !line.blocked;
      },
      close: (code, detail) => {
        this.closed.push(`${code}: ${detail}`);
        line.open = false;
        proxy.disconnect();
      },
    });
    const line: Line = { conversation, pipe, blocked: false, open: true };
    this.#lines.set(proxy, line);
    proxy.connect((message) => {
      if (line.open) conversation.request(message);
    });
  }

  drop(proxy: EnvoyLike): void {
    const line = this.#lines.get(proxy);
    if (line === undefined) return;
    line.open = false;
    line.conversation.closed();
    proxy.disconnect();
    this.#lines.delete(proxy);
  }

  /** One message travels from the exchange to the proxy. */
  carry(proxy: EnvoyLike): boolean {
    const line = this.#lines.get(proxy);
    const message = line?.pipe.shift();
    if (line === undefined || message === undefined) return false;
    proxy.receive(message);
    if (line.blocked && line.pipe.length < this.capacity) {
      line.blocked = false;
      line.conversation.drained();
    }
    return true;
  }

  /** The event loop turns once. */
  loop(): boolean {
    const runs = this.#deferred;
    this.#deferred = [];
    for (const run of runs) run();
    return runs.length > 0;
  }

  /** Until nobody has anything left to say. */
  settle(): void {
    for (let round = 0; round < 10_000; round += 1) {
      let moved = this.loop();
      for (const proxy of this.proxies.values()) {
        moved = this.carry(proxy) || moved;
        moved = proxy.waiting > 0 || moved;
        proxy.answer();
      }
      if (!moved) return;
    }
    throw new Error('the conversation does not come to an end');
  }
}
