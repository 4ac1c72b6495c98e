import { SallyportError } from '../../lib/error.ts';
import type { Answering } from './answer.ts';
import type { OwnClients } from './clients.ts';

/** Both UDP and TCP on one port (0: any that is free for both), or a Unix socket, spoken to as TCP. */
export type Listen = Port | { readonly path: string };
export interface Port {
  readonly address: string;
  readonly port: number;
}

/** What the sockets of a resolver share. */
export interface Served {
  readonly answering: Answering;
  readonly clients: OwnClients;
}

/** One open socket. */
export interface Opened {
  readonly kind: 'udp' | 'stream';
  readonly listen: Listen;
  close(): Promise<void>;
}

/** Says who is in the way. */
export function cannotListen(listen: Listen, cause: NodeJS.ErrnoException): SallyportError {
  const where = 'path' in listen ? listen.path : `${listen.address} port ${listen.port}`;
  const why = cause.code === 'EADDRINUSE' ? 'something else listens there' : cause.message;
  return new SallyportError('PORT_IN_USE', `the DNS resolver cannot listen on ${where}: ${why}`, { cause });
}
