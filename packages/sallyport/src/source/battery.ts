import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Source, SourceEvent } from './source.ts';

/** What a test needs to make a source see something. A source that is read once has no `put` and `remove`. */
export interface SourceBed {
  readonly source: Source;
  put?(name: string, text: string): Promise<void> | void;
  remove?(name: string): Promise<void> | void;
  close?(): Promise<void> | void;
}

export interface Bed {
  readonly name: string;
  /** A source that holds these files at first. */
  make(files: Readonly<Record<string, string>>): Promise<SourceBed> | SourceBed;
}

/** What a reader of events knows: the files by the last part of their path. */
export class Reader {
  readonly files = new Map<string, string>();
  readonly events: SourceEvent[] = [];
  #wake: (() => void) | undefined;

  readonly take = (event: SourceEvent): void => {
    this.events.push(event);
    for (const path of event.remove) this.files.delete(nameOf(path));
    for (const { path, text } of event.put) this.files.set(nameOf(path), text);
    this.#wake?.();
  };

  /** Waits until what is known fits, at most `within` milliseconds. */
  async until(fits: () => boolean, within = 4000): Promise<void> {
    const end = Date.now() + within;
    while (!fits()) {
      const left = end - Date.now();
      if (left <= 0)
        assert.fail(`still ${JSON.stringify([...this.files])} after ${within} ms, events ${JSON.stringify(this.events)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  get issues(): readonly string[] {
    return (this.events.at(-1)?.issues ?? []).map((issue) => issue.code);
  }
}

const nameOf = (path: string): string => path.replace(/^.*\//, '');

/** Reads a source while `use` runs. */
export async function reading(bed: SourceBed, use: (reader: Reader) => Promise<void>): Promise<void> {
  const reader = new Reader();
  const abort = new AbortController();
  const watching = bed.source.watch(reader.take, abort.signal);
  try {
    await use(reader);
  } finally {
    abort.abort();
    await watching;
    await bed.close?.();
  }
}

const synced = (reader: Reader) => () => reader.events.some((event) => event.synced);

/** The tests that every source passes. */
export function sourceBattery({ name, make }: Bed): void {
  const one = { 'a.yaml': 'kind: A\n' };

  test(`${name}: what is there at the start comes with the first synced event`, async () => {
    await reading(await make(one), async (reader) => {
      await reader.until(synced(reader));
      assert.deepEqual([...reader.files], [['a.yaml', 'kind: A\n']]);
    });
  });

  test(`${name}: events carry the name of the source`, async () => {
    const bed = await make(one);
    await reading(bed, async (reader) => {
      await reader.until(synced(reader));
      assert.ok(reader.events.every((event) => event.source === bed.source.name));
    });
  });

  test(`${name}: nothing comes after the signal aborted, and watch resolves`, async () => {
    const bed = await make(one);
    const reader = new Reader();
    const abort = new AbortController();
    const watching = bed.source.watch(reader.take, abort.signal);
    await reader.until(synced(reader));
    abort.abort();
    await watching;
    const count = reader.events.length;
    await bed.put?.('late.yaml', 'kind: Late\n');
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(reader.events.length, count);
    await bed.close?.();
  });

  test(`${name}: an aborted signal is respected from the start`, async () => {
    const bed = await make(one);
    const reader = new Reader();
    await bed.source.watch(reader.take, AbortSignal.abort());
    assert.equal(reader.events.length, 0);
    await bed.close?.();
  });

  test(`${name}: an added, a changed and a removed file are reported, and an unchanged one is not`, async () => {
    const bed = await make(one);
    await reading(bed, async (reader) => {
      await reader.until(synced(reader));
      if (bed.put === undefined || bed.remove === undefined) {
        // A source that is read once has nothing more to report.
        assert.deepEqual([...reader.files.keys()].length, 1);
        return;
      }
      await bed.put!('b.yaml', 'kind: B\n');
      await reader.until(() => reader.files.get('b.yaml') === 'kind: B\n');
      await bed.put!('b.yaml', 'kind: B2\n');
      await reader.until(() => reader.files.get('b.yaml') === 'kind: B2\n');
      const before = reader.events.length;
      await bed.put!('b.yaml', 'kind: B2\n');
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.equal(reader.events.length, before);
      await bed.remove!('a.yaml');
      await reader.until(() => !reader.files.has('a.yaml'));
      assert.deepEqual([...reader.files.keys()], ['b.yaml']);
    });
  });
}
