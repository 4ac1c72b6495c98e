import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOptions } from './load.ts';
import type { Answer, Request } from './messages.ts';

/** The server under load, seen from the measuring process. */
export interface ServerProcess {
  readonly ready: Extract<Answer, { answer: 'ready' }>;
  ask<A extends Answer['answer']>(request: Request, answer: A): Promise<Extract<Answer, { answer: A }>>;
  stop(): Promise<void>;
}

/** Flags for the server's Node, e.g. `--cpu-prof`, from BENCH_NODE_OPTIONS. */
const nodeOptions = (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter((option) => option !== '');

export async function startServer({ entries, sidecars }: LoadOptions): Promise<ServerProcess> {
  const file = fileURLToPath(new URL('./server.ts', import.meta.url));
  const child = fork(file, [String(entries), sidecars ? 'sidecars' : 'none'], { execArgv: nodeOptions, stdio: 'inherit' });
  const ready = await answerOf(child, 'ready');
  return {
    ready,
    ask: (request, answer) => {
      const answered = answerOf(child, answer);
      child.send(request);
      return answered;
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

function answerOf<A extends Answer['answer']>(child: ChildProcess, answer: A): Promise<Extract<Answer, { answer: A }>> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('the server process ended'));
    child.once('exit', onExit);
    child.once('message', (message: Answer) => {
      child.off('exit', onExit);
      if (message.answer === answer) resolve(message as Extract<Answer, { answer: A }>);
      else reject(new Error(`the server answered ${message.answer}, not ${answer}`));
    });
  });
}
