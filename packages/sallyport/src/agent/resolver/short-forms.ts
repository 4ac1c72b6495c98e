/** What the short forms of a host depend on; a line of the name table has more (spec/istio.md 3.3). */
export interface NamedHost {
  readonly registry: string;
  readonly shortname?: string;
  readonly namespace?: string;
  /** Further full names, as older control planes send them. */
  readonly altHosts?: readonly string[];
}

/** The proxy that asks: its namespace and its DNS domain, e.g. `shop.svc.cluster.local`. */
export interface Asker {
  readonly namespace: string;
  readonly domain: string;
}

/**
 * `name.namespace`, the same with the first part of the domain (usually `svc`), and `name` in the proxy's own namespace. Hosts of
 * other domains have none: two clusters may both have the name.
 */
export function* shortForms(host: string, line: NamedHost, { namespace: own, domain }: Asker): Generator<string> {
  const { registry, shortname = '', namespace = '', altHosts = [] } = line;
  const cluster = domain.startsWith(`${own}.`) ? domain.slice(own.length + 1) : domain;
  if (registry !== 'Kubernetes' || cluster === '' || !host.toLowerCase().endsWith(`.${cluster.toLowerCase()}`)) return;
  yield* altHosts;
  if (shortname === '' || namespace === '') return;
  yield `${shortname}.${namespace}`;
  yield `${shortname}.${namespace}.${cluster.split('.', 1)[0]}`;
  if (namespace === own) yield shortname;
}
