import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCidr } from '../lib/ip.ts';
import { LedgerFile } from './file.ts';
import type { Terms } from './settle.ts';
import { Callers } from './testing/callers.ts';
import { Crash, CrashDisk, DiskFull } from './testing/crash-disk.ts';
import { settled } from './testing/settled.ts';

const FOLDER = '/state/addresses';
const REST_MS = 1_000;
const HOSTS = ['a.example', 'b.example', 'c.example', 'd.example', 'e.example', 'f.example', 'g.example', 'h.example'];

/** Few addresses, so that everybody meets: six of IPv4, five of IPv6 for eight hosts. */
const PREFIXES = { 4: parseCidr('243.0.0.8/29')!, 6: parseCidr('fd73::/125')! } as const;
const IMPORTABLE = ['243.0.0.9', '243.0.0.10', '240.240.0.1', 'fd73::1', '2001:2::1'];

type Act =
  /** Which hosts there are from now on; `imports` says what their status claims. */
  | {
      readonly kind: 'change';
      readonly add: readonly string[];
      readonly remove: readonly string[];
      readonly imports: readonly string[];
    }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restart' }
  /** The next change ends after so many steps of the disk. */
  | { readonly kind: 'stop'; readonly how: 'kill' | 'crash' | 'full'; readonly after: number };

const hosts = fc.subarray(HOSTS, { maxLength: 4 });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      add: hosts,
      remove: hosts,
      imports: fc.array(fc.constantFrom(...IMPORTABLE), { maxLength: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, REST_MS / 2, REST_MS, 3 * REST_MS) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('stop' as const),
      how: fc.constantFrom('kill' as const, 'crash' as const, 'full' as const),
      after: fc.nat(16),
    }),
  },
);
const history = fc.record({
  acts: fc.array(act, { minLength: 8, maxLength: 40 }),
  luck: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 8, maxLength: 64 }),
});

/** A control plane that lives on one disk: what `pipeline/addresses.ts` does, without a pipeline. */
class Life {
  readonly #callers = new Callers(REST_MS);
  readonly #luck: readonly number[];
  #at = 0;
  #now = 1_000_000;
  #disk: CrashDisk;
  #file: LedgerFile;
  readonly #claimed = new Map<string, readonly string[]>();
  stops = 0;

  constructor(luck: readonly number[], syncs: boolean) {
    this.#luck = luck;
    this.#disk = new CrashDisk(new Map(), syncs);
    this.#file = new LedgerFile(FOLDER, this.#disk);
  }

  play(one: Act): void {
    this.#now += 1;
    if (one.kind === 'wait') this.#now += one.ms;
    else if (one.kind === 'restart') this.#begin(this.#disk.afterKill());
    else if (one.kind === 'stop') {
      this.#disk.stepsLeft = one.after;
      this.#disk.failure = one.how === 'full' ? 'full' : 'crash';
      this.#how = one.how;
    } else this.#change(one);
  }

  #how: 'kill' | 'crash' | 'full' = 'kill';

  #change({ add, remove, imports }: Extract<Act, { kind: 'change' }>): void {
    for (const host of remove) {
      if (!add.includes(host)) this.#claimed.delete(host);
      if (!add.includes(host)) this.#callers.leave(host, this.#now);
    }
    for (const [i, host] of add.entries()) this.#claimed.set(host, imports[i] === undefined ? [] : [imports[i]]);
    this.#settle();
  }

  #settle(): void {
    const terms: Terms = { prefixes: PREFIXES, restMs: REST_MS, now: this.#now };
    let used: ReadonlyMap<string, readonly string[]>;
    try {
      used = settled(this.#file, this.#claimed, terms);
    } catch (error) {
      if (error instanceof DiskFull) return;
      if (!(error instanceof Crash)) throw error;
      this.stops += 1;
      this.#begin(this.#how === 'kill' ? this.#disk.afterKill() : this.#disk.afterCrash(() => this.#pick()));
      return;
    }
    for (const [host, addresses] of used) if (addresses.length > 0) this.#callers.use(host, addresses, this.#now);
  }

  /** Reads what is left and serves it. */
  #begin(disk: CrashDisk): void {
    this.#disk = disk;
    this.#file = new LedgerFile(FOLDER, disk);
    this.#settle();
  }

  #pick(): number {
    this.#at += 1;
    return this.#luck[this.#at % this.#luck.length]!;
  }
}

function holds(syncs: boolean, seen?: { stops: number; acts: number }) {
  return ({ acts, luck }: { readonly acts: readonly Act[]; readonly luck: readonly number[] }) => {
    const life = new Life(luck, syncs);
    for (const one of acts) life.play(one);
    if (seen === undefined) return;
    seen.stops += life.stops;
    seen.acts += acts.length;
  };
}

/** `npm run soak` asks for more. */
const HISTORIES = Number(process.env['LEDGER_HISTORIES'] ?? 4_000);

test('in thousands of random histories no address of a host moves, none has two owners, and none is given out before its rest, wherever we are killed and whatever a crash leaves', (t) => {
  const seen = { stops: 0, acts: 0 };
  fc.assert(fc.property(history, holds(true, seen)), { numRuns: HISTORIES });
  t.diagnostic(`${HISTORIES} histories, ${seen.acts} acts, ${seen.stops} of them ended by a kill or a crash`);
  assert.ok(seen.stops > 1_000);
});

test('the property has teeth: it fails for a disk that forgets what was not synchronised and a store that does not synchronise', () => {
  assert.equal(fc.check(fc.property(history, holds(false)), { numRuns: 2_000 }).failed, true);
});

test('a stop after every single step of the first writes leaves the old holdings or the new ones', () => {
  for (const how of ['kill', 'crash'] as const)
    for (let after = 0; after < 40; after += 1)
      for (const luck of [0.05, 0.3, 0.6, 0.9]) {
        const life = new Life([luck, 1 - luck, 0.5, 0.1, 0.8], true);
        const change = (add: readonly string[], remove: readonly string[] = []): Act => ({
          kind: 'change',
          add,
          remove,
          imports: [],
        });
        life.play({ kind: 'stop', how, after });
        for (const one of [change(HOSTS.slice(0, 2)), change(HOSTS.slice(2, 4), HOSTS.slice(0, 1)), change(HOSTS.slice(4, 5))])
          life.play(one);
        life.play({ kind: 'restart' });
      }
});
