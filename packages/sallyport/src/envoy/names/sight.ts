import { contentHash } from '../../lib/hash.ts';
import type { ProxyClass, ProxyFacet, VisibleService } from '../../model/index.ts';

/** What name tables depend on of a class of proxies, beside which services it sees. */
export interface Sight {
  readonly ipFamilies: ProxyFacet['ipFamilies'];
  readonly dnsCapture: boolean;
  /** Empty: not said, which agrees with everything; likewise the cluster. */
  readonly network: string;
  readonly clusterId: string;
}

/** How the proxies of a class look at services. */
export function sightOf({ facet: { ipFamilies, network, clusterId }, traits: { dnsCapture } }: ProxyClass): Sight {
  return { ipFamilies, dnsCapture, network, clusterId };
}

export const sightKey = ({ ipFamilies, dnsCapture, network, clusterId }: Sight): string =>
  `${ipFamilies}/${dnsCapture}/${network}/${clusterId}`;

/** A class whose agents answer DNS. */
export interface AnsweringClass {
  readonly sight: Sight;
  /** Egress listeners; 0 means that it has no names. */
  readonly listeners: number;
  /** Its agents take names by row. */
  readonly rows: boolean;
}

/** What a class sees a host as. */
export interface ClassSight {
  readonly class: string;
  readonly host: HostSight;
  /** The class's, so that who makes rows need not look at it. */
  readonly rows: boolean;
}

/** A service as it stands on an egress listener. */
export type Seen = Pick<VisibleService, 'egress' | 'service' | 'portNumbers' | 'rank'>;

/** One host as one or more classes see it. Row key: `key`. */
export interface HostSight {
  /** Equal for classes that see the host alike. */
  readonly key: string;
  readonly host: string;
  readonly seen: readonly Seen[];
  readonly sight: Sight;
}

/** Takes the rows of one host in any order. */
export function hostSight(host: string, rows: readonly Seen[], sight: Sight): HostSight {
  const seen = rows
    .map(({ egress, service, portNumbers, rank }) => ({ egress, service, portNumbers, rank }))
    .sort((a, b) => a.egress - b.egress || (a.service < b.service ? -1 : 1));
  const text = seen.map(({ egress, service, portNumbers, rank }) => `${egress} ${rank} ${portNumbers.join(',')} ${service}`);
  return { key: `${host}\n${contentHash([sightKey(sight), ...text].join('\n'))}`, host, seen, sight };
}
