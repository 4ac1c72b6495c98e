import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program of the measurement in a process of its own. */
export interface Child {
  /** Sends a message, if one is given, and gives the next that comes. Throws when the process ends instead. */
  hear<T>(message?: object): Promise<T>;
  end(): Promise<void>;
}

export function startChild(file: URL, args: readonly string[], execArgv: readonly string[] = []): Child {
  const child: ChildProcess = fork(fileURLToPath(file), args, { execArgv: [...execArgv], stdio: 'inherit' });
  let ended = false;
  const exit = once(child, 'exit').then(() => {
    ended = true;
  });
  return {
    hear: async <T>(message?: object) => {
      const heard = once(child, 'message').then(([said]) => said as T);
      if (message !== undefined && !ended) child.send(message);
      return Promise.race([
        heard,
        exit.then((): never => {
          throw new Error(`${file.pathname} ended`);
        }),
      ]);
    },
    end: async () => {
      if (!ended) child.disconnect();
      await exit;
    },
  };
}
