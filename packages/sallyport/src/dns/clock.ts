/** Time as it is handed to the resolver, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs a function once, after so many milliseconds; gives what takes it back. */
  after(ms: number, run: () => void): () => void;
  /** From 0 up to 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: Date.now,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    // A look-up is no reason to live on.
    timer.unref();
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
