import ora from 'ora';

/** Shows on a terminal what is being waited for, on the error stream; in a pipe it is silent. */
export interface Progress {
  /** What is being waited for now. */
  say(what: string): void;
  /** Nothing is: takes the line away, so that something else can be printed. */
  clear(): void;
}

export function progress(isWanted = process.stderr.isTTY === true): Progress {
  const spinner = ora({ isEnabled: isWanted, isSilent: !isWanted, discardStdin: false, hideCursor: false });
  return {
    say: (what) => {
      spinner.text = what;
      if (!spinner.isSpinning) spinner.start();
    },
    clear: () => {
      if (spinner.isSpinning) spinner.stop();
    },
  };
}
