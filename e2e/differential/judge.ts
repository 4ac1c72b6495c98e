import type { AccessRecord } from '../lab/access-log.ts';
import type { Expected } from './expected.ts';
import type { Performed } from './machine.ts';
import type { Ending } from './seen.ts';

/** The ending in words. */
export function wordOf(ending: Ending): string {
  return ending.kind === 'status' ? `status ${ending.status}${ending.standIn ? ' from a stand-in' : ''}` : ending.kind;
}

/** In what the real proxy differs from what is expected; nothing: it agrees. */
export function differences(expected: Expected, { seen, records }: Performed): readonly string[] {
  const found: string[] = [];
  const say = (what: string, wanted: unknown, got: unknown): void => {
    found.push(`${what}: expected ${JSON.stringify(wanted)}, the proxy ${JSON.stringify(got)}`);
  };
  const word = wordOf(seen.ending);
  if (!expected.endings.includes(word)) say('ending', expected.endings, seen.ending);
  const { clusters, listener, filterChain, route, hosts } = expected;
  if (clusters === undefined) {
    const logged = records.map((record) => record.upstream_cluster).filter((cluster) => cluster !== null && cluster !== '');
    if (logged.length > 0) say('cluster', 'none', logged);
    return found;
  }
  const [record] = records;
  if (record === undefined) {
    say('access log', 'a record', 'none');
    return found;
  }
  const cluster = record.upstream_cluster ?? '';
  if (clusters.length === 0 ? cluster !== '' : !clusters.includes(cluster)) say('cluster', clusters, cluster);
  if (listener !== undefined && record.listener !== listener) say('listener', listener, record.listener);
  if (filterChain !== undefined && record.filter_chain_name !== filterChain) say('chain', filterChain, record.filter_chain_name);
  if (route !== undefined && (record.route_name ?? '') !== route) say('route', route, record.route_name);
  if (hosts !== undefined && word.endsWith('stand-in') && !hosts.some((host) => isHost(record, host)))
    say('address', hosts, record.upstream_host);
  return found;
}

/** IPv6 addresses may be spelled in several ways; the URL parser knows them all. */
function isHost({ upstream_host }: AccessRecord, host: string): boolean {
  const spelled = (text: string): string => URL.parse(`tcp://${text}`)?.host ?? text;
  return upstream_host !== null && spelled(upstream_host) === spelled(host);
}
