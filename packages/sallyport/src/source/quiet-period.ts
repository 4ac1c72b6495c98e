export interface QuietPeriodOptions {
  /** Milliseconds without a further poke after which the work starts. */
  readonly quiet: number;
  /** Milliseconds after the first poke at which it starts even if pokes go on. */
  readonly maxWait: number;
}

/** Runs work when a burst of pokes is over. Never two at once; pokes during a run lead to one more. */
export interface QuietPeriod {
  poke(): void;
  stop(): void;
  /** Rejects when the work did; nothing runs after that. */
  readonly failure: Promise<never>;
}

export function createQuietPeriod(work: () => Promise<void>, { quiet, maxWait }: QuietPeriodOptions): QuietPeriod {
  let timer: NodeJS.Timeout | undefined;
  let first: number | undefined;
  let running = false;
  let stopped = false;
  const { promise: failure, reject: fail } = Promise.withResolvers<never>();

  function arm(): void {
    if (stopped || running || first === undefined) return;
    clearTimeout(timer);
    const wait = Math.max(0, Math.min(quiet, first + maxWait - Date.now()));
    timer = setTimeout(() => void run(), wait);
  }

  async function run(): Promise<void> {
    first = undefined;
    running = true;
    try {
      await work();
    } catch (error) {
      stopped = true;
      fail(error);
    }
    running = false;
    arm();
  }

  return {
    failure,
    poke() {
      first ??= Date.now();
      arm();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
