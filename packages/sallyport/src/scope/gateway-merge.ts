import {
  compareText,
  type GatewayServer,
  type GatewayServers,
  gatewayText,
  type Issue,
  isHttp,
  type OpenPort,
  type OpenServer,
  type Protocol,
  passesThrough,
} from '../model/index.ts';

/** A Gateway as a class of routers has it. */
export interface CarriedGateway {
  readonly gateway: GatewayServers;
  /** The ports to bind for a server's port; none where the Gateway is for Services that do not have it. */
  readonly targetsOf: (port: number) => readonly number[];
}

export type MergedPort = Omit<OpenPort, 'class'>;

interface Group {
  readonly port: number;
  readonly bind: string;
  readonly kind: OpenPort['kind'];
  readonly servers: OpenServer[];
  /** Hosts of TLS servers as written, and the names that opened connections are told apart by; with who has them. */
  readonly claims: Map<string, OpenServer>;
}

/**
 * Servers of all Gateways of a class by address and port, oldest Gateway first (spec/istio.md 4.12): plain HTTP goes
 * together with plain HTTP, TLS with TLS as long as server names tell it apart; everything else is left out and said.
 * `wildcard`: the address that stands for an absent bind.
 */
export function mergeServers(
  carried: readonly CarriedGateway[],
  wildcard: string,
): { readonly ports: readonly MergedPort[]; readonly issues: readonly Issue[] } {
  const groups = new Map<string, Group>();
  const issues: Issue[] = [];
  for (const { gateway, targetsOf } of carried) {
    for (const server of gateway.servers) {
      for (const port of targetsOf(server.port.number)) {
        const open: OpenServer = { ...server, gateway: gateway.key, routes: routesName(server, port, gateway) };
        const issue = admit(groups, open, port, wildcard);
        if (issue !== undefined) issues.push(issue);
      }
    }
  }
  return { ports: [...groups.values()].map(({ port, bind, kind, servers }) => ({ port, bind, kind, servers })), issues };
}

function admit(groups: Map<string, Group>, server: OpenServer, port: number, wildcard: string): Issue | undefined {
  const bind = server.bind === wildcard ? '' : server.bind;
  const place = `${port}\n${bind}`;
  const kind = kindOf(server);
  const present = groups.get(place);
  const first = present?.servers[0];
  if (first !== undefined && (present!.kind !== kind || kind === 'tcp'))
    return conflict(server, first, port, unlike(server, first));
  const group: Group = present ?? { port, bind, kind, servers: [], claims: new Map() };
  const claims = claimsOf(server);
  for (const claim of claims) {
    const owner = group.claims.get(claim);
    if (owner !== undefined && server.tls !== undefined)
      return conflict(server, owner, port, `both are for ${claim.split(' ')[1]}`);
  }
  if (server.tls !== undefined) for (const claim of claims) group.claims.set(claim, server);
  group.servers.push(server);
  groups.set(place, group);
  return undefined;
}

function kindOf({ tls, port }: GatewayServer): OpenPort['kind'] {
  if (isHttp(port.protocol)) return 'http';
  return tls === undefined ? 'tcp' : 'tls';
}

/** Hosts as written, and for connections that are opened here the bare names: Envoy refuses two chains for one name. */
function claimsOf({ hosts, tls, port }: GatewayServer): readonly string[] {
  const written = hosts.map(({ namespace, host }) => `host ${namespace === undefined ? host : `${namespace}/${host}`}`);
  const opened = tls !== undefined && !passesThrough(tls) && !isHttp(port.protocol);
  return [...new Set([...written, ...(opened ? hosts.map(({ host }) => `name ${host}`) : [])])];
}

/** Name of the route configuration (spec/istio.md 4.1); none where the proxy does not see HTTP. */
function routesName({ port, tls, bind }: GatewayServer, bound: number, { key }: GatewayServers): string {
  const suffix = bind === '' ? '' : `.${bind}`;
  if (isHttp(port.protocol)) return `http.${bound}${suffix}`;
  if (port.protocol !== 'https' || tls === undefined || passesThrough(tls)) return '';
  return `https.${port.number}.${port.name}.${key.name}.${key.namespace}${suffix}`;
}

function unlike({ port }: GatewayServer, first: GatewayServer): string {
  return `${nameOf(port.protocol)} cannot share the port with ${nameOf(first.port.protocol)}`;
}

const nameOf = (protocol: Protocol): string => (protocol === 'auto' ? 'a server without protocol' : protocol.toUpperCase());

function conflict(server: OpenServer, owner: OpenServer, port: number, why: string): Issue {
  const [mine, theirs] = [server, owner].map((of) => `server ${of.index + 1} of Gateway ${gatewayText(of.gateway)}`);
  return {
    code: 'PORT_CONFLICT',
    severity: 'error',
    message: `${mine} is left out on port ${port}: ${theirs} has the port already, and ${why}`,
    hint: 'use another port, other hosts, or give each server an address with bind',
    object: server.gateway,
    field: ['spec', 'servers', server.index],
  };
}

/** The order in which Gateways claim ports: age, name, namespace. */
export function byGatewayAge(a: GatewayServers, b: GatewayServers): number {
  return a.createdAt - b.createdAt || compareText(a.key.name, b.key.name) || compareText(a.key.namespace, b.key.namespace);
}
