import type { Endpoint, EndpointPool } from '../model/index.ts';
import { compareText } from '../model/index.ts';
import { isDialable } from './endpoints.ts';

/**
 * What clusters, other than endpoint sets, depend on in a pool. Most changes of endpoints leave it as it is, and then no
 * cluster is built anew.
 */
export interface PoolFacts {
  /** SPIFFE ids of the endpoints, sorted, each once. */
  readonly identities: readonly string[];
  readonly ports: readonly PortFacts[];
}

/** One service port, by number; sorted by number. */
export interface PortFacts {
  readonly port: number;
  /** Some endpoint of this port does not speak mutual TLS. */
  readonly plaintext: boolean;
  /** A DNS cluster would have more than one endpoint. */
  readonly several: boolean;
  /** The different label sets of the endpoints that a DNS cluster could have, in a fixed order. */
  readonly labels: readonly Readonly<Record<string, string>>[];
}

export function poolFacts(pool: EndpointPool): PoolFacts {
  const identities = new Set(pool.endpoints.map((e) => e.identity).filter((id) => id !== ''));
  const byPort = new Map<number, Endpoint[]>();
  for (const endpoint of pool.endpoints) {
    const { number } = endpoint.servicePort;
    const present = byPort.get(number);
    if (present === undefined) byPort.set(number, [endpoint]);
    else present.push(endpoint);
  }
  const ports = [...byPort].sort(([a], [b]) => a - b).map(([port, endpoints]) => portFacts(port, endpoints));
  return { identities: [...identities].sort(compareText), ports };
}

function portFacts(port: number, endpoints: readonly Endpoint[]): PortFacts {
  const labels = new Map<string, Readonly<Record<string, string>>>();
  const dialable = endpoints.filter(isDialable);
  // Endpoints that came together have the same labels, mostly none.
  for (const different of new Set(dialable.map((endpoint) => endpoint.labels))) {
    const sorted = Object.entries(different).sort(([a], [b]) => compareText(a, b));
    labels.set(JSON.stringify(sorted), Object.fromEntries(sorted));
  }
  return {
    port,
    plaintext: endpoints.some((e) => e.tlsMode === 'disabled'),
    several: dialable.length > 1,
    labels: [...labels].sort(([a], [b]) => compareText(a, b)).map(([, set]) => set),
  };
}
