import { readFile } from 'node:fs/promises';
import { ipFamily } from '../../lib/ip.ts';

export interface Server {
  readonly address: string;
  readonly port: number;
}

/** The servers a resolv.conf names, in its order, without those in `own`: asking ourselves would never end. */
export function parseResolvConf(text: string, own: readonly Server[] = []): Server[] {
  const isOwn = (server: Server) => own.some((o) => o.address === server.address && o.port === server.port);
  return text
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? '')
    .filter((address) => ipFamily(address) !== 0)
    .map((address) => ({ address, port: 53 }))
    .filter((server) => !isOwn(server));
}

/** The machine's servers; none when the file is missing. */
export async function systemServers(own: readonly Server[] = [], path = '/etc/resolv.conf'): Promise<Server[]> {
  return parseResolvConf(await readFile(path, 'utf8').catch(() => ''), own);
}
