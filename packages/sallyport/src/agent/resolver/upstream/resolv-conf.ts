import { readFile } from 'node:fs/promises';
import { ipFamily } from '../../../lib/ip.ts';

export interface Server {
  readonly address: string;
  readonly port: number;
}

/** What a resolv.conf says that matters here (resolv.conf(5)). */
export interface ResolvConf {
  /** In its order, or by lot where it says `options rotate`. */
  readonly servers: readonly Server[];
  /** Domains that clients try behind a name, in lower case without final dots; of several lists the last one counts. */
  readonly search: readonly string[];
}

/** Reads a resolv.conf. `own` are left out of its servers: asking ourselves would never end. `random` gives numbers in [0, 1). */
export function parseResolvConf(text: string, own: readonly Server[] = [], random: () => number = Math.random): ResolvConf {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/),
  );
  const valuesOf = (...keywords: string[]) =>
    lines.filter(([keyword]) => keywords.includes(keyword ?? '')).map(([, ...rest]) => rest);
  const isOwn = (server: Server) => own.some((o) => o.address === server.address && o.port === server.port);
  const servers = valuesOf('nameserver')
    .map(([address = '']) => ({ address, port: 53 }))
    .filter((server) => ipFamily(server.address) !== 0 && !isOwn(server));
  const search = valuesOf('search', 'domain').at(-1) ?? [];
  const rotates = valuesOf('options').flat().includes('rotate');
  return {
    servers: rotates ? shuffled(servers, random) : servers,
    search: search.map((domain) => domain.toLowerCase().replace(/\.$/, '')).filter((domain) => domain !== ''),
  };
}

/** The machine's resolv.conf; nothing when the file is missing. */
export async function systemResolvConf(own: readonly Server[] = [], path = '/etc/resolv.conf'): Promise<ResolvConf> {
  return parseResolvConf(await readFile(path, 'utf8').catch(() => ''), own);
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
