import { Buffer } from 'node:buffer';
import type { Disk } from '../disk.ts';

/** Thrown by a step that the machine does not live to see. */
export class Crash extends Error {}

/** Thrown by a step that the disk refuses. */
export class DiskFull extends Error {}

/** A file: what a crash leaves for certain, and what stands there now. */
interface Content {
  durable: Uint8Array;
  now: Uint8Array;
}

/** Names in order: what a crash leaves for certain, and changes after it, each of which may be lost, but none before an earlier one. */
type Names = ReadonlyMap<string, Content>;

const PAGE = 16;

/**
 * A disk as far as POSIX promises anything. Content is safe once its file is synchronised, names once their folder is. What is not may be there or
 * not after a crash: of appended octets a part, or all of them with pages that are zeros; of names the changes up to some point.
 */
export class CrashDisk implements Disk {
  #durable: Names;
  #changes: Names[] = [];
  /** Steps that are left until the machine stops, or the disk refuses. */
  stepsLeft = Number.POSITIVE_INFINITY;
  failure: 'crash' | 'full' = 'crash';
  /** A store that forgets to synchronise: the model must notice. */
  #syncs: boolean;

  constructor(names: Names = new Map(), syncs = true) {
    this.#durable = names;
    this.#syncs = syncs;
  }

  read(path: string): Uint8Array | undefined {
    return this.#names.get(path)?.now;
  }

  write(path: string, bytes: Uint8Array): void {
    this.#step();
    const present = this.#names.get(path);
    if (present !== undefined) present.now = bytes;
    else this.#rename((names) => names.set(path, { durable: new Uint8Array(), now: bytes }));
    this.#step();
  }

  append(path: string, bytes: Uint8Array): void {
    const content = this.#at(path);
    this.#step();
    if (this.stepsLeft === 0 && this.failure === 'full')
      content.now = Buffer.concat([content.now, bytes.subarray(0, bytes.length >> 1)]);
    this.#step();
    content.now = Buffer.concat([content.now, bytes]);
    this.#step();
  }

  sync(path: string): void {
    this.#step();
    const content = this.#names.get(path);
    if (this.#syncs) {
      if (content !== undefined) content.durable = content.now;
      else this.#settleNames();
    }
    this.#step();
  }

  rename(from: string, to: string): void {
    this.#step();
    const content = this.#at(from);
    this.#rename((names) => {
      names.set(to, content);
      names.delete(from);
    });
    this.#step();
  }

  remove(path: string): void {
    this.#step();
    this.#rename((names) => names.delete(path));
  }

  /** The process has died and the machine lives: all is as it was, synchronised or not. */
  afterKill(): CrashDisk {
    const next = new CrashDisk(this.#durable, this.#syncs);
    next.#changes = this.#changes;
    return next;
  }

  /** The machine has stopped: one of the states that it may have left, picked by numbers from 0 to below 1. */
  afterCrash(pick: () => number): CrashDisk {
    const names = [this.#durable, ...this.#changes][Math.floor(pick() * (this.#changes.length + 1))]!;
    const left = new Map<string, Content>();
    for (const [path, { durable, now }] of names) {
      const bytes = remainder(durable, now, pick);
      left.set(path, { durable: bytes, now: bytes });
    }
    return new CrashDisk(left, this.#syncs);
  }

  get #names(): Names {
    return this.#changes.at(-1) ?? this.#durable;
  }

  #at(path: string): Content {
    const content = this.#names.get(path);
    if (content === undefined) throw new Error(`there is no ${path}`);
    return content;
  }

  #rename(change: (names: Map<string, Content>) => void): void {
    const names = new Map(this.#names);
    change(names);
    this.#changes.push(names);
  }

  #settleNames(): void {
    this.#durable = this.#names;
    this.#changes = [];
  }

  #step(): void {
    if (this.stepsLeft-- > 0) return;
    this.stepsLeft = Number.POSITIVE_INFINITY;
    throw this.failure === 'crash' ? new Crash() : new DiskFull('no space left on device');
  }
}

/** What may be left of a file whose octets have changed since it was synchronised. */
function remainder(durable: Uint8Array, now: Uint8Array, pick: () => number): Uint8Array {
  if (durable === now) return now;
  const kinds = ['old', 'new', 'cut', 'holes'] as const;
  switch (kinds[Math.floor(pick() * kinds.length)]) {
    case 'new':
      return now;
    case 'cut': {
      const least = startsWith(now, durable) ? durable.length : 0;
      return now.subarray(0, least + Math.floor(pick() * (now.length - least + 1)));
    }
    case 'holes': {
      if (!startsWith(now, durable)) return durable;
      const holed = Buffer.from(now);
      // A page that is partly durable keeps that part.
      for (let at = durable.length; at < now.length; at += PAGE)
        if (pick() < 0.5) holed.fill(0, at, Math.min(at + PAGE, now.length));
      return holed;
    }
    default:
      return durable;
  }
}

function startsWith(all: Uint8Array, start: Uint8Array): boolean {
  return Buffer.from(all.buffer, all.byteOffset, Math.min(start.length, all.length)).equals(start);
}
