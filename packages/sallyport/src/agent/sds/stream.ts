import { create } from '@bufbuild/protobuf';
import {
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
  type DiscoveryRequest,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
  typeUrl,
} from '@sallyport/apis/discovery';
import { secretBytes } from './material.ts';
import type { Held, SecretTable } from './secret-table.ts';

export interface Conversation<Request> {
  receive(request: Request): void;
  close(): void;
}

type Say = (message: string) => void;

/** One subscriber's names, and what has to be sent to it next; all that changes in one turn goes in one message. */
class Followed {
  readonly held = new Map<string, Held>();
  readonly #table: SecretTable;
  readonly #ends = new Map<string, () => void>();
  readonly #send: (changed: readonly Held[]) => void;
  readonly #changed = new Map<string, Held>();

  constructor(table: SecretTable, send: (changed: readonly Held[]) => void) {
    this.#table = table;
    this.#send = send;
  }

  has(name: string): boolean {
    return this.#ends.has(name);
  }

  get names(): readonly string[] {
    return [...this.#ends.keys()];
  }

  /** Follows a name; one that is followed already is sent once more. */
  add(name: string): void {
    this.remove(name);
    const hear = (held: Held): void => {
      this.held.set(name, held);
      this.#changed.set(name, held);
      if (this.#changed.size === 1) queueMicrotask(() => this.#flush());
    };
    this.#ends.set(name, this.#table.follow(name, hear));
  }

  remove(name: string): void {
    this.#ends.get(name)?.();
    this.#ends.delete(name);
    this.held.delete(name);
    this.#changed.delete(name);
  }

  #flush(): void {
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    if (changed.length > 0) this.#send(changed);
  }
}

/** State of the world: each answer holds all secrets of the stream that are known, and a request names all that are wanted. */
export function streamSecrets(
  table: SecretTable,
  send: (response: DiscoveryResponse) => void,
  say: Say,
): Conversation<DiscoveryRequest> {
  let nonce = 0;
  const followed = new Followed(table, () => {
    nonce += 1;
    send(worldOf([...followed.held.values()], String(nonce)));
  });
  return {
    receive: (request) => {
      if (request.errorDetail !== undefined) say(rejection(request.resourceNames, request.errorDetail.message));
      const wanted = new Set(request.resourceNames);
      for (const name of followed.names) if (!wanted.has(name)) followed.remove(name);
      for (const name of wanted) if (!followed.has(name)) followed.add(name);
    },
    close: () => {
      for (const name of followed.names) followed.remove(name);
    },
  };
}

/** One complete answer, also for a single fetch. Its version is the latest of those in it. */
export function worldOf(held: readonly Held[], nonce: string): DiscoveryResponse {
  const latest = Math.max(0, ...held.map(({ version }) => Number(version)));
  return create(DiscoveryResponseSchema, {
    typeUrl: typeUrl.secret,
    versionInfo: String(latest),
    nonce,
    resources: held.map(({ name, material }) => ({ typeUrl: typeUrl.secret, value: secretBytes(name, material) })),
  });
}

/** Only what changed is sent, and requests say only what is wanted besides, or no longer. */
export function deltaSecrets(
  table: SecretTable,
  send: (response: DeltaDiscoveryResponse) => void,
  say: Say,
): Conversation<DeltaDiscoveryRequest> {
  let nonce = 0;
  const followed = new Followed(table, (changed) => {
    nonce += 1;
    send(
      create(DeltaDiscoveryResponseSchema, {
        typeUrl: typeUrl.secret,
        nonce: String(nonce),
        resources: changed.map(({ name, version, material }) => ({
          name,
          version,
          resource: { typeUrl: typeUrl.secret, value: secretBytes(name, material) },
        })),
      }),
    );
  });
  return {
    receive: (request) => {
      if (request.errorDetail !== undefined) say(rejection(followed.names, request.errorDetail.message));
      for (const name of request.resourceNamesUnsubscribe) followed.remove(name);
      for (const name of request.resourceNamesSubscribe) followed.add(name);
    },
    close: () => {
      for (const name of followed.names) followed.remove(name);
    },
  };
}

const rejection = (names: readonly string[], detail: string): string => `Envoy refuses the secret ${names.join(', ')}: ${detail}`;
