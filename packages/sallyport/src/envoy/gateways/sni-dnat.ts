import { isSubsetOf } from '../../lib/host.ts';
import type { OpenServer, Rule } from '../../model/index.ts';
import type { SniDnatHost } from '../clusters-stage.ts';
import { toCluster } from '../listeners/destination.ts';
import type { GatewayChain } from './chain.ts';
import type { RouterFacts } from './facts.ts';

/** What sidecars name in the TLS that they begin: only such connections are mesh TLS. */
const MESH_PROTOCOLS = ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

/**
 * The chains of an AUTO_PASSTHROUGH server: one for each cluster of the services that its hosts stand for. TLS stays closed, and
 * its name says which cluster the caller means (spec/istio.md 4.1, 4.12).
 */
export function sniDnatChains(
  server: OpenServer,
  listener: string,
  { client }: RouterFacts,
  hosts: readonly SniDnatHost[],
  ruleOf: (key: string) => Rule | undefined,
): readonly GatewayChain[] {
  const place = { listener, listenPort: server.port.number, client, mongo: false, tls: true };
  return hosts
    .filter(({ host }) => server.hosts.some((allowed) => isSubsetOf(host, allowed.host)))
    .flatMap(({ host, rule: key, clusters }) => {
      const rule = key === undefined ? undefined : ruleOf(key);
      return clusters.map(({ name, port, subset }) => {
        // A rule's tunnel is for who begins the connection.
        const { tunnel: _, ...tcp } = toCluster(place, { host, port: port.number, subset }, rule);
        const to = { kind: 'tcp' as const, tcp: { ...tcp, statPrefix: name, target: name } };
        return { serverNames: [name], applicationProtocols: MESH_PROTOCOLS, to };
      });
    });
}
