import { RouteConfigurationSchema } from '@sallyport/apis/route';
import { structural } from '../../collection/index.ts';
import { compareText, type Resource } from '../../model/index.ts';
import { assembled, encode } from '../encode.ts';
import type { CatchAll } from './caller.ts';
import { catchAllVirtualHost } from './catch-all.ts';
import { type EncodedVirtualHost, virtualHost } from './virtual-host.ts';

/** Field number of `RouteConfiguration.virtual_hosts`. */
const VIRTUAL_HOSTS = 2;

/** One route configuration as a list of virtual hosts; classes with equal lists share it. Row key: a hash of it. */
export interface RouteList {
  readonly name: string;
  /** Keys of virtual hosts; of two that want one domain the earlier has it. */
  readonly hosts: readonly string[];
  /** Absent for the routes of one service on an address of its own: there every Host header is meant for it. */
  readonly catchAll?: CatchAll;
  /** Hosts are told apart by their ports, as the tunnels of a forward proxy have to be. */
  readonly exactPorts?: true;
}

/** A virtual host that others left without some of its domains, or without any. */
export interface Shadow {
  readonly loser: EncodedVirtualHost;
  readonly winner: EncodedVirtualHost;
  /** The domain lost, absent if the whole virtual host is gone because another has its name. */
  readonly domain?: string;
}

export interface AssembledRoutes {
  readonly resource: Resource;
  readonly shadows: readonly Shadow[];
}

export function sameRoutes(a: AssembledRoutes, b: AssembledRoutes): boolean {
  return a.resource.version === b.resource.version && structural(a.shadows.map(gist), b.shadows.map(gist));
}

function gist({ loser, winner, domain }: Shadow): readonly unknown[] {
  return [loser.name, loser.from, winner.host, winner.from, domain];
}

/**
 * A route configuration from virtual hosts in the order in which they may claim domains. Envoy refuses a configuration in
 * which a domain or a name stands twice, so every one is given out once (spec/istio.md 4.3 items 4 to 7).
 */
export function assembleRoutes(
  list: Pick<RouteList, 'name' | 'catchAll' | 'exactPorts'>,
  hosts: readonly EncodedVirtualHost[],
): AssembledRoutes {
  if (list.catchAll === undefined) return { resource: routeConfiguration(list.name, hosts.map(forEveryHost)), shadows: [] };
  const { kept, shadows } = withoutRepetition(hosts);
  kept.sort((a, b) => compareText(a.name, b.name));
  return {
    resource: routeConfiguration(
      list.name,
      [...kept.map(({ bytes }) => bytes), catchAllVirtualHost(list.catchAll)],
      list.exactPorts,
    ),
    shadows,
  };
}

function forEveryHost(host: EncodedVirtualHost): Uint8Array {
  return virtualHost(host.name, ['*'], host.routes);
}

/** A route configuration of virtual hosts that are encoded already. */
export function routeConfiguration(name: string, virtualHosts: readonly Uint8Array[], exactPorts = false): Resource {
  const head = encode(RouteConfigurationSchema, {
    name,
    validateClusters: false,
    ignorePortInHostMatching: !exactPorts,
    maxDirectResponseBodySizeBytes: 1024 * 1024,
  });
  return assembled('route', name, head, [{ field: VIRTUAL_HOSTS, bytes: virtualHosts }]);
}

function withoutRepetition(hosts: readonly EncodedVirtualHost[]): { kept: EncodedVirtualHost[]; shadows: Shadow[] } {
  const known = knownNames(hosts);
  const names = new Map<string, EncodedVirtualHost>();
  const owners = new Map<string, EncodedVirtualHost>();
  const shadows: Shadow[] = [];
  const kept: EncodedVirtualHost[] = [];
  for (const host of hosts) {
    const namesake = names.get(host.name);
    if (namesake !== undefined) {
      shadows.push({ loser: host, winner: namesake });
      continue;
    }
    names.set(host.name, host);
    const domains = claimed(host, owners, known, shadows);
    if (domains.length === host.domains.all.length) kept.push(host);
    else if (domains.length > 0) kept.push({ ...host, bytes: virtualHost(host.name, domains, host.routes) });
  }
  return { kept, shadows };
}

/** Full names of services: a short form that happens to be one of them is not given out. */
function knownNames(hosts: readonly EncodedVirtualHost[]): ReadonlySet<string> {
  return new Set(hosts.flatMap(({ known, host, name }) => (known ? [host, name] : [])));
}

function claimed(
  host: EncodedVirtualHost,
  owners: Map<string, EncodedVirtualHost>,
  known: ReadonlySet<string>,
  shadows: Shadow[],
): readonly string[] {
  const { all, short } = host.domains;
  return all.filter((domain) => {
    const isShort = short.includes(domain);
    const owner = owners.get(domain);
    if (owner !== undefined) {
      // No loss: a short form, which nobody wrote down; a host that the winner names itself, such as an alias with a
      // VirtualService of its own; one's own domain twice.
      if (!isShort && owner !== host && domain !== owner.host) shadows.push({ loser: host, winner: owner, domain });
      return false;
    }
    if (isShort && known.has(domain)) return false;
    owners.set(domain, host);
    return true;
  });
}
