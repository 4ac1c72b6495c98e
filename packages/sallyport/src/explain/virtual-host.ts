import type { RouteConfiguration, VirtualHost } from '@sallyport/apis/route';
import { withoutPort } from './call.ts';
import { once } from './once.ts';
import type { VirtualHostStep } from './step.ts';

interface Found {
  readonly by: 'exact' | 'suffix' | 'prefix' | 'any';
  readonly domain: string;
  readonly virtualHost: VirtualHost;
}

/**
 * The virtual host for a Host header (VirtualHost.domains in Envoy's API): the exact domain, else the longest `*suffix`,
 * else the longest `prefix*`, else `*`. Case does not matter; the port counts unless the configuration ignores ports.
 */
export function chooseVirtualHost(
  config: RouteConfiguration,
  hostHeader: string,
): { readonly host: string; readonly found?: Found } {
  const lower = hostHeader.toLowerCase();
  const host = config.ignorePortInHostMatching ? withoutPort(lower) : lower;
  const found = domainsOf(config).find(host);
  return found === undefined ? { host } : { host, found };
}

/** The step that tells of a choice. */
export function virtualHostStep({ host, found }: ReturnType<typeof chooseVirtualHost>, wantsTls: boolean): VirtualHostStep {
  if (found === undefined) return { at: 'virtualHost', host, by: 'none', wantsTls };
  return { at: 'virtualHost', host, by: found.by, domain: found.domain, virtualHost: found.virtualHost.name, wantsTls };
}

const domainsOf = once((config: RouteConfiguration) => {
  const exact = new Map<string, Found>();
  const suffixes = new Lengths();
  const prefixes = new Lengths();
  let any: Found | undefined;
  for (const virtualHost of config.virtualHosts) {
    for (const domain of virtualHost.domains) {
      const lower = domain.toLowerCase();
      if (lower === '*') any ??= { by: 'any', domain, virtualHost };
      else if (lower.startsWith('*')) suffixes.add(lower.slice(1), { by: 'suffix', domain, virtualHost });
      else if (lower.endsWith('*')) prefixes.add(lower.slice(0, -1), { by: 'prefix', domain, virtualHost });
      else if (!exact.has(lower)) exact.set(lower, { by: 'exact', domain, virtualHost });
    }
  }
  return {
    find: (host: string): Found | undefined =>
      exact.get(host) ??
      suffixes.longest(host.length, (length) => host.slice(-length)) ??
      prefixes.longest(host.length, (length) => host.slice(0, length)) ??
      any,
  };
});

/** Wildcards grouped by length, so that a look-up costs one probe a length and not one a wildcard. */
class Lengths {
  readonly #byLength = new Map<number, Map<string, Found>>();
  #descending: readonly number[] = [];

  add(part: string, found: Found): void {
    const group = this.#byLength.get(part.length);
    if (group === undefined) {
      this.#byLength.set(part.length, new Map([[part, found]]));
      this.#descending = [...this.#byLength.keys()].sort((a, b) => b - a);
    } else if (!group.has(part)) group.set(part, found);
  }

  /** The star stands for at least one character, so only parts shorter than the host come into question. */
  longest(hostLength: number, partOf: (length: number) => string): Found | undefined {
    for (const length of this.#descending) {
      const found = length < hostLength ? this.#byLength.get(length)?.get(partOf(length)) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
