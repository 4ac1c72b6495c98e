import {
  compareText,
  type GatewayServer,
  type GatewayServers,
  gatewayText,
  type Issue,
  type OpenPort,
  type OpenServer,
  type Protocol,
  passesThrough,
  speaksHttp,
} from '../model/index.ts';

/** A Gateway as a class of routers has it. */
export interface CarriedGateway {
  readonly gateway: GatewayServers;
  /** The ports to bind for a server's port; none where the Gateway is for Services that do not have it. */
  readonly targetsOf: (port: number) => readonly number[];
}

export type MergedPort = Omit<OpenPort, 'class'>;

/** What a port has taken in so far, at all its addresses. */
interface Port {
  readonly number: number;
  /** The plain server that last opened an address: others of the same address must go together with it. */
  plain?: OpenServer;
  /** Hosts of servers with TLS settings, as written, with who asked for them last. */
  readonly claims: Map<string, OpenServer>;
  /** By address, then by protocol: servers of one protocol stand together. */
  readonly open: Map<string, Map<Protocol, OpenServer[]>>;
}

/**
 * Servers of all Gateways of a class by address and port, oldest Gateway first (spec/istio.md 4.12). Plain servers that come
 * after one of another protocol are left out, and so is TLS that comes after plain; TLS that was there first is told apart by
 * its server names. `wildcard`: the address that stands for an absent bind.
 */
export function mergeServers(
  carried: readonly CarriedGateway[],
  wildcard: string,
): { readonly ports: readonly MergedPort[]; readonly issues: readonly Issue[] } {
  const ports = new Map<number, Port>();
  const issues: Issue[] = [];
  for (const { gateway, targetsOf } of carried) {
    for (const server of gateway.servers) {
      for (const number of targetsOf(server.port.number)) {
        const port = ports.get(number) ?? { number, claims: new Map(), open: new Map() };
        ports.set(number, port);
        const issue = admit(port, { ...server, gateway: gateway.key, routes: routesName(server, number, gateway) }, wildcard);
        if (issue !== undefined) issues.push(issue);
      }
    }
  }
  const merged = [...ports.values()].flatMap(({ number, open }) =>
    [...open].map(([bind, byProtocol]) => ({ port: number, bind, servers: [...byProtocol.values()].flat() })),
  );
  return { ports: merged, issues };
}

function admit(port: Port, server: OpenServer, wildcard: string): Issue | undefined {
  if (server.tls !== undefined) {
    const hosts = server.hosts.map(({ namespace, host }) => (namespace === undefined ? host : `${namespace}/${host}`));
    const taken = hosts.find((host) => port.claims.get(host)?.bind === server.bind);
    if (taken !== undefined)
      return conflict(server, port.claims.get(taken)!, port.number, `came first, and both are for ${taken}`);
    for (const host of hosts) port.claims.set(host, server);
  }
  const { plain } = port;
  const besides = plain?.bind === server.bind;
  if (besides && !(speaksHttp(plain) && speaksHttp(server)))
    return conflict(server, plain, port.number, `has the port already, and ${unlike(server, plain)}`);
  const { protocol } = besides ? plain.port : server.port;
  const bind = server.bind === wildcard ? '' : server.bind;
  const here = port.open.get(bind) ?? new Map<Protocol, OpenServer[]>();
  const alike = here.get(protocol);
  if (alike === undefined && (server.tls === undefined || speaksHttp(server))) port.plain = server;
  port.open.set(bind, here.set(protocol, [...(alike ?? []), server]));
  return undefined;
}

/** Name of the route configuration (spec/istio.md 4.1); none where the proxy does not see HTTP. */
function routesName({ port, tls, bind }: GatewayServer, bound: number, { key }: GatewayServers): string {
  const suffix = bind === '' ? '' : `.${bind}`;
  if (speaksHttp({ port })) return `http.${bound}${suffix}`;
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
    message: `${mine} is left out on port ${port}: ${theirs} ${why}`,
    hint: 'use another port, other hosts, or give each server an address with bind',
    object: server.gateway,
    field: ['spec', 'servers', server.index],
  };
}

/** The order in which Gateways claim ports: age, name, namespace. */
export function byGatewayAge(a: GatewayServers, b: GatewayServers): number {
  return a.createdAt - b.createdAt || compareText(a.key.name, b.key.name) || compareText(a.key.namespace, b.key.namespace);
}
