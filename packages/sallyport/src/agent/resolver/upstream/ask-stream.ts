import { connect, type NetConnectOpts } from 'node:net';
import { isAnswerTo } from '../wire/relay.ts';
import { framed, readFrames } from '../wire/stream-frames.ts';

export interface StreamQuery {
  readonly id: number;
  readonly message: Buffer;
  readonly wire: Buffer;
}

const LONGEST = 65_535;

/** The answer; `unreachable` when there is nobody to connect to; undefined when none came in time or the connection ended. */
export function askStream(
  to: NetConnectOpts,
  query: StreamQuery,
  timeoutMs: number,
): Promise<Buffer | 'unreachable' | undefined> {
  return new Promise((resolve) => {
    const socket = connect(to);
    let connected = false;
    const end = (answer: Buffer | 'unreachable' | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(connected ? undefined : 'unreachable'), timeoutMs);
    socket.once('connect', () => {
      connected = true;
    });
    socket.on('error', () => end(connected ? undefined : 'unreachable'));
    socket.on('close', () => end(undefined));
    readFrames(socket, LONGEST, (bytes) => {
      // Over a connection the spelling of the name proves nothing more.
      if (isAnswerTo(bytes, query.id, query.wire) !== 'no') end(Buffer.from(bytes));
    });
    socket.write(framed(query.message));
  });
}
