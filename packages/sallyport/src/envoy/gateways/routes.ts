import { contentHash } from '../../lib/hash.ts';
import { bySpecificity } from '../../lib/host.ts';
import { gatewayText, type OpenPort, type OpenServer, type Routing, speaksHttp } from '../../model/index.ts';
import type { DestinationFacts } from '../listeners/l4-routing.ts';
import { virtualHostName } from '../names.ts';
import { bracketed } from '../routes/domains.ts';
import { hasRoutes, sourcesOf } from '../routes/selection.ts';
import type { Destinations } from '../routes/spec.ts';
import type { BoundAs } from './bound.ts';
import type { RouterFacts } from './facts.ts';
import { sharedHosts } from './hosts.ts';

/** The routes of one VirtualService at a server: classes and hosts with the same share them. Row key: {@link PartRef}. */
export interface RoutesPart {
  readonly routing: string;
  readonly sources: string;
  readonly listenPort: number;
  readonly overTls: boolean;
  readonly destinations: Destinations;
}

export interface HostPlan {
  readonly name: string;
  /** The first is the one that the name is made from. */
  readonly domains: readonly string[];
  /** Plain requests are redirected to https. */
  readonly httpsOnly: boolean;
  /** Keys of parts, whose routes follow each other. None where every request is redirected, or unknown. */
  readonly parts: readonly string[];
}

/** A route configuration of a class, ready to be shared with classes whose `key` is the same. */
export interface RoutesPlan {
  readonly class: string;
  readonly name: string;
  readonly key: string;
  readonly hosts: readonly HostPlan[];
  readonly parts: Readonly<Record<string, RoutesPart>>;
  /** DYNAMIC_DNS wildcards that requests are routed to, sorted. */
  readonly dynamicHosts: readonly string[];
}

/** What routes are planned from. */
export interface RoutesReads {
  readonly boundTo: (server: OpenServer) => readonly BoundAs[];
  readonly known: (routing: Routing) => Readonly<Record<string, DestinationFacts>>;
  readonly special: (known: Readonly<Record<string, DestinationFacts>>) => Destinations;
}

export const planKey = (port: string, routes: string): string => `${port}\n${routes}`;

/** The route configurations of an open port: one for all its plain HTTP servers, or one for each that ends TLS. */
export function routesOfPort(port: OpenPort, facts: RouterFacts, reads: RoutesReads): readonly RoutesPlan[] {
  const [plain, ending] = [port.servers.filter(speaksHttp), port.servers.filter((server) => !speaksHttp(server))];
  return [plain, ...ending.map((server) => [server])].flatMap((servers) =>
    servers[0] === undefined || servers[0].routes === '' ? [] : [plan(port.class, servers[0].routes, servers, facts, reads)],
  );
}

interface Draft {
  readonly name: string;
  httpsOnly: boolean;
  readonly parts: Set<string>;
}

/** spec/istio.md 4.12: hosts that VirtualServices and servers have in common, each with the routes of all that name it. */
function plan(proxies: string, name: string, servers: readonly OpenServer[], facts: RouterFacts, reads: RoutesReads): RoutesPlan {
  const drafts = new Map<string, Draft>();
  const parts: Record<string, RoutesPart> = {};
  const dynamicHosts = new Set<string>();
  const partFor = (id: string, routing: Routing, server: OpenServer): string | undefined => {
    const listenPort = server.port.number;
    const sources = sourcesOf(routing, facts, gatewayText(server.gateway));
    if (!hasRoutes(routing, listenPort, sources)) return undefined;
    const known = reads.known(routing);
    const overTls = server.tls !== undefined;
    const part = { routing: id, sources, listenPort, overTls, destinations: reads.special(known) };
    const key = contentHash(JSON.stringify(part));
    parts[key] = part;
    for (const { dynamic } of Object.values(known)) if (dynamic !== undefined) dynamicHosts.add(dynamic);
    return key;
  };
  const draftOf = (host: string, { port, tls }: OpenServer): Draft => {
    const httpsOnly = tls?.httpsRedirect === true;
    const draft = drafts.get(host) ?? { name: virtualHostName(bracketed(host), port.number), httpsOnly, parts: new Set() };
    drafts.set(host, draft);
    draft.httpsOnly ||= httpsOnly;
    return draft;
  };
  // What a VirtualService means at the first of a Gateway's servers that it has routes for, it means at all of them.
  const partAt = new Map<string, string>();
  for (const server of servers) {
    for (const { id, routing } of reads.boundTo(server)) {
      const hosts = sharedHosts(server, routing);
      if (hosts.length === 0) continue;
      const place = `${gatewayText(server.gateway)} ${id}`;
      const key = partAt.get(place) ?? partFor(id, routing, server);
      if (key === undefined) continue;
      partAt.set(place, key);
      for (const host of hosts) draftOf(host, server).parts.add(key);
    }
    for (const { host, namespace } of redirected(server)) if (namespace === undefined) draftOf(host, server);
  }
  // A host for one namespace may have routes of others, without TLS: it is redirected as a whole only if nobody has routes for it.
  for (const server of servers) for (const { host } of redirected(server)) if (!drafts.has(host)) draftOf(host, server);
  const hosts = drafts.size === 0 ? [blackHole(servers[0]!)] : collapsed(drafts);
  const key = `${name}\n${contentHash(JSON.stringify(hosts))}`;
  return { class: proxies, name, key, hosts, parts, dynamicHosts: [...dynamicHosts].sort() };
}

const redirected = ({ tls, hosts }: OpenServer): OpenServer['hosts'] => (tls?.httpsRedirect === true ? hosts : []);

/** Every request is answered with 404. */
function blackHole({ port }: OpenServer): HostPlan {
  return { name: `blackhole:${port.number}`, domains: ['*'], httpsOnly: false, parts: [] };
}

/** Hosts with the same routes become one virtual host, named after the most specific of them. */
function collapsed(drafts: ReadonlyMap<string, Draft>): readonly HostPlan[] {
  const found = new Map<string, HostPlan & { readonly domains: string[] }>();
  for (const host of [...drafts.keys()].sort(bySpecificity)) {
    const { name, httpsOnly, parts } = drafts.get(host)!;
    const same = JSON.stringify([httpsOnly, ...parts]);
    const present = found.get(same);
    if (present === undefined) found.set(same, { name, domains: [bracketed(host)], httpsOnly, parts: [...parts] });
    else present.domains.push(bracketed(host));
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
