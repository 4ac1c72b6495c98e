import type { Destination } from '../../model/index.ts';
import { outboundCluster } from '../names.ts';
import type { Destinations } from './spec.ts';

/**
 * The cluster that a destination means, whether it exists or not: Envoy answers 503 for one that does not.
 * Without a port it is the one the request came in on (spec/istio.md 4.7).
 */
export function clusterOf(destination: Destination, destinations: Destinations, listenPort: number): string {
  const host = destination.host.toLowerCase();
  const special = destinations[host];
  const port = destination.port?.number ?? special?.port ?? listenPort;
  return outboundCluster(special?.host ?? host, port, destination.subset);
}
