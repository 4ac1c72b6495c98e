import type { DnsResolver } from '../model/index.ts';

export type Server = Pick<DnsResolver, 'address' | 'port'>;

/** What carries queries to servers. */
export interface Wire {
  /**
   * Sends a query and gives the first packet that `accepts` takes; others are ignored. Over UDP from a port of its own that is hard to guess.
   * Rejects when none comes in time, or nobody is there.
   */
  exchange(
    server: Server,
    query: Buffer,
    how: { readonly over: 'udp' | 'tcp'; readonly timeoutMs: number; readonly accepts: (packet: Buffer) => boolean },
  ): Promise<Buffer>;
}

export const serverText = ({ address, port }: Server): string => {
  const host = address.includes(':') ? `[${address}]` : address;
  return port === 53 ? address : `${host}:${port}`;
};
