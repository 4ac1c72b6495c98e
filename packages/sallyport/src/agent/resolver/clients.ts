import { createSocket } from 'node:dgram';
import { ipFamily } from '../../lib/ip.ts';

/** Addresses that are remembered, and for how long: those of interfaces come and go. */
const MOST = 256;
const KEPT_MS = 10_000;

/**
 * Who may ask: processes of this machine, or of this network namespace. A resolver that anybody may ask is a tool for attacks on others
 * (RFC 5358). Redirected queries come from whatever address the client had, so that the question is whether the address is ours.
 */
export class OwnClients {
  readonly #known = new Map<string, { readonly isOwn: boolean; readonly at: number }>();

  /** Undefined when it has to be found out; then {@link find} does. */
  isOwn(address: string): boolean | undefined {
    if (address.startsWith('127.') || address === '::1') return true;
    const known = this.#known.get(address);
    return known === undefined || performance.now() - known.at > KEPT_MS ? undefined : known.isOwn;
  }

  async find(address: string): Promise<boolean> {
    const known = this.isOwn(address);
    if (known !== undefined) return known;
    const isOwn = await canBind(address);
    this.#known.delete(address);
    this.#known.set(address, { isOwn, at: performance.now() });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
    return isOwn;
  }
}

/** The kernel lets a socket have the addresses of this machine and no others, whatever tables and interfaces they come from. */
function canBind(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(ipFamily(address) === 6 ? 'udp6' : 'udp4');
    const end = (isOwn: boolean) => {
      socket.close();
      resolve(isOwn);
    };
    socket.once('error', () => end(false));
    socket.bind(0, address, () => end(true));
  });
}
