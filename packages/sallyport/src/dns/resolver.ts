import type { Answer, DnsResolver, Question, ZoneAnswer } from '../model/index.ts';
import { type Asking, ask } from './ask.ts';
import type { Clock } from './clock.ts';
import { DEFAULT_TIMING, type Timing } from './timing.ts';
import { afterHearing, answerOf, differing, newWatched, type Watched } from './watched.ts';
import type { Wire } from './wire.ts';

export interface ResolverOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  /** Whom to ask where the mesh names nobody. */
  readonly systemServers: () => readonly DnsResolver[];
  /** Answers that are new or different; undefined for questions that are no longer asked. Called some time after they came, together. */
  readonly onAnswers: (answers: ReadonlyMap<string, Answer | undefined>) => void;
}

export interface ResolverSettings {
  readonly servers?: readonly DnsResolver[];
  readonly timing?: Timing;
}

/** Each distinct question is asked once, whoever wants to know, and again when its answer has run out (docs/resolution.md). */
export interface NameResolver {
  /** Begins and ends to ask. Keys as of `questionKey`. */
  want(questions: ReadonlyMap<string, Question | undefined>): void;
  configure(settings: ResolverSettings): void;
  /** Everything that is asked, by key. */
  status(): readonly Watched[];
  /** Queries sent since the start, retries and other zones included. */
  readonly queries: number;
  close(): void;
}

const SERVER_TIMEOUT_MS = 2_000;
/** More questions than this wait for their turn, so that a restart with many names floods nobody. */
const AT_ONCE = 64;
/** A proxy that is new shall not wait for a dead server for longer than it would by itself. */
const PATIENCE_MS = 2_500;
/** How often other zones are compared. */
const COMPARE_MS = 600_000;
/** Answers that come together are taken over together. */
const GATHER_MS = 10;

interface Entry {
  watched: Watched;
  asking: boolean;
  /** Of the timer for the next round, or of the place in the queue. */
  cancel: () => void;
  comparedAt: number;
}

export function createNameResolver({ wire, clock, systemServers, onAnswers }: ResolverOptions): NameResolver {
  const entries = new Map<string, Entry>();
  const told = new Map<string, string>();
  const changed = new Set<string>();
  let settings: ResolverSettings = {};
  let queries = 0;
  let running = 0;
  let queue: string[] = [];
  let closed = false;
  let cancelTelling: (() => void) | undefined;
  const asking: Asking = {
    wire,
    timeoutMs: SERVER_TIMEOUT_MS,
    onQuery: () => {
      queries += 1;
    },
  };

  const tell = (key: string): void => {
    changed.add(key);
    cancelTelling ??= clock.after(GATHER_MS, () => {
      cancelTelling = undefined;
      const news = new Map<string, Answer | undefined>();
      for (const one of changed) {
        const entry = entries.get(one);
        const answer = entry && answerOf(entry.watched, clock.now());
        const text = JSON.stringify(answer) ?? '';
        if (text === (told.get(one) ?? '')) continue;
        if (text === '') told.delete(one);
        else told.set(one, text);
        news.set(one, answer);
      }
      changed.clear();
      if (news.size > 0) onAnswers(news);
    });
  };

  const schedule = (key: string, entry: Entry): void => {
    entry.cancel();
    entry.cancel = clock.after(Math.max(0, entry.watched.nextAt - clock.now()), () => {
      queue.push(key);
      next();
    });
  };

  const next = (): void => {
    while (running < AT_ONCE && queue.length > 0) {
      const key = queue.shift()!;
      const entry = entries.get(key);
      if (entry === undefined || entry.asking) continue;
      running += 1;
      entry.asking = true;
      void round(key, entry).finally(() => {
        running -= 1;
        entry.asking = false;
        if (closed || entries.get(key) !== entry) return next();
        schedule(key, entry);
        tell(key);
        next();
      });
    }
  };

  const round = async (key: string, entry: Entry): Promise<void> => {
    const { question } = entry.watched;
    const [own = [], ...others] = byZone(settings.servers ?? systemServers());
    const cancelPatience =
      entry.watched.addresses === undefined && entry.watched.failures === 0
        ? clock.after(PATIENCE_MS, () => impatient(key, entry))
        : () => {};
    const heard = await ask(question, own, asking);
    cancelPatience();
    entry.watched = afterHearing(entry.watched, heard, clock.now(), settings.timing ?? DEFAULT_TIMING, clock.random());
    // What our own servers say does not wait for what others say.
    if (entries.get(key) === entry) tell(key);
    if ('error' in heard || others.length === 0 || clock.now() - entry.comparedAt < COMPARE_MS) return;
    entry.comparedAt = clock.now();
    const zones = await Promise.all(others.map((servers) => inZone(question, servers)));
    const elsewhere = differing(
      entry.watched.addresses ?? [],
      zones.filter((zone) => zone !== undefined),
    );
    entry.watched = { ...entry.watched, elsewhere };
  };

  /** Nobody has answered for so long that proxies should not wait: whoever has nothing from before does without. */
  const impatient = (key: string, entry: Entry): void => {
    entry.watched = { ...entry.watched, failures: 1, error: 'no answer yet' };
    tell(key);
  };

  const inZone = async (question: Question, servers: readonly DnsResolver[]): Promise<ZoneAnswer | undefined> => {
    const heard = await ask(question, servers, asking);
    if ('error' in heard) return undefined;
    return { zone: servers[0]?.zone ?? '', addresses: heard.reply.kind === 'addresses' ? heard.reply.addresses : [] };
  };

  return {
    want: (questions) => {
      for (const [key, question] of questions) {
        const present = entries.get(key);
        if (question === undefined) {
          present?.cancel();
          entries.delete(key);
          tell(key);
        } else if (present === undefined) {
          const entry = {
            watched: newWatched(question, clock.now()),
            asking: false,
            cancel: () => {},
            comparedAt: Number.NEGATIVE_INFINITY,
          };
          entries.set(key, entry);
          queue.push(key);
        }
      }
      next();
    },
    configure: (wanted) => {
      const same = JSON.stringify(wanted) === JSON.stringify(settings);
      settings = wanted;
      if (same) return;
      // Other servers may say otherwise, so all is asked again; what is known stays until they have.
      for (const [key, entry] of entries) {
        entry.watched = { ...entry.watched, nextAt: clock.now() };
        entry.comparedAt = Number.NEGATIVE_INFINITY;
        if (!entry.asking) schedule(key, entry);
      }
    },
    status: () => [...entries.values()].map(({ watched }) => watched),
    get queries() {
      return queries;
    },
    close: () => {
      closed = true;
      cancelTelling?.();
      for (const { cancel } of entries.values()) cancel();
      entries.clear();
      queue = [];
    },
  };
}

/** Servers of one zone are asked one after the other; the first one's zone is ours. */
function byZone(servers: readonly DnsResolver[]): readonly (readonly DnsResolver[])[] {
  const zones = new Map<string, DnsResolver[]>();
  const own = servers[0]?.zone ?? '';
  for (const server of servers) {
    const zone = server.zone ?? own;
    zones.set(zone, [...(zones.get(zone) ?? []), server]);
  }
  return [...zones.values()];
}
