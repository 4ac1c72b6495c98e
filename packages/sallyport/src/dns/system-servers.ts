import { getServers } from 'node:dns';
import { ipFamily } from '../lib/ip.ts';
import type { DnsResolver } from '../model/index.ts';

/** The servers that this machine asks; looked at anew each time, for networks change. */
export function systemServers(): readonly DnsResolver[] {
  return getServers().flatMap((text) => {
    const [, six, four, port] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d+)$/.exec(text) ?? [];
    const address = six ?? four ?? text;
    return ipFamily(address) === 0 ? [] : [{ address, port: Number(port ?? 53) }];
  });
}
