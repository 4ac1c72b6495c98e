import type { ParsedNode } from './node.ts';
import type { DeltaRequest } from './request.ts';
import type { DeltaResponse } from './response.ts';
import type { Activity } from './status.ts';
import type { StreamState } from './stream.ts';
import type { Shelves } from './types.ts';

/** The other end of one stream, as the transport shows it. */
export interface Wire {
  /** False: nothing more until the transport says that it has drained. */
  send(message: DeltaResponse): boolean;
  close(code: CloseCode, detail: string): void;
}

export type CloseCode = 'invalid-argument' | 'resource-exhausted' | 'internal' | 'unavailable';

/** One open stream. */
export interface Talk {
  readonly wire: Wire;
  readonly connectedAt: number;
  readonly activity: Activity;
  /** Undefined until the first request has come. */
  node: ParsedNode | undefined;
  classId: string;
  shelves: Shelves;
  /** What it said while its class was not known; undefined before and after. */
  early: DeltaRequest[] | undefined;
  state: StreamState;
  writable: boolean;
  /** Stands in the queue of streams that may have something to send. */
  queued: boolean;
  open: boolean;
}

const NOBODY: ReadonlySet<Talk> = new Set();

/** Who is connected: by class, by node, and which nodes have gone a moment ago. Several streams of one node are normal. */
export class Roster {
  readonly talks = new Set<Talk>();
  readonly #byClass = new Map<string, Set<Talk>>();
  readonly #byNode = new Map<string, Set<Talk>>();
  /** Node ids without a stream, and since when. */
  readonly #away = new Map<string, number>();

  ofClass(classId: string): ReadonlySet<Talk> {
    return this.#byClass.get(classId) ?? NOBODY;
  }

  ofNode(nodeId: string): ReadonlySet<Talk> {
    return this.#byNode.get(nodeId) ?? NOBODY;
  }

  introduce(talk: Talk, node: ParsedNode): void {
    talk.node = node;
    addTo(this.#byNode, node.id, talk);
    this.#away.delete(node.id);
  }

  join(talk: Talk, classId: string, shelves: Shelves): void {
    dropFrom(this.#byClass, talk.classId, talk);
    talk.classId = classId;
    talk.shelves = shelves;
    addTo(this.#byClass, classId, talk);
  }

  leave(talk: Talk, now: number): void {
    this.talks.delete(talk);
    dropFrom(this.#byClass, talk.classId, talk);
    if (talk.node === undefined) return;
    const { id } = talk.node;
    dropFrom(this.#byNode, id, talk);
    if (!this.#byNode.has(id)) this.#away.set(id, now);
  }

  /** Node ids that have had no stream since `before` or earlier. Each is named once. */
  gone(before: number): readonly string[] {
    const gone: string[] = [];
    for (const [id, since] of this.#away) {
      // The map is in the order of leaving.
      if (since > before) break;
      gone.push(id);
    }
    for (const id of gone) this.#away.delete(id);
    return gone;
  }
}

function addTo(map: Map<string, Set<Talk>>, key: string, talk: Talk): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([talk]));
  else set.add(talk);
}

function dropFrom(map: Map<string, Set<Talk>>, key: string, talk: Talk): void {
  const set = map.get(key);
  set?.delete(talk);
  if (set?.size === 0) map.delete(key);
}
