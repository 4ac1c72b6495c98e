import type { Clock } from '../clock.ts';

/** A clock that goes on only when told to. */
export interface StillClock extends Clock {
  /** Runs everything that is due in so many milliseconds, in order, and what comes of it. */
  pass(ms: number): Promise<void>;
}

/** `isBusy`: something is under way that is not of this clock; time stands still meanwhile. */
export function stillClock(isBusy: () => boolean): StillClock {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const settle = async (): Promise<void> => {
    do await new Promise((resolve) => setTimeout(resolve, 1));
    while (isBusy());
    // What follows from it has its turn.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => now,
    random: () => 0,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass: async (ms) => {
      const end = now + ms;
      await settle();
      for (;;) {
        const [due] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (due === undefined) break;
        timers.delete(due);
        now = Math.max(now, due.at);
        due.run();
        await settle();
      }
      now = end;
    },
  };
}
