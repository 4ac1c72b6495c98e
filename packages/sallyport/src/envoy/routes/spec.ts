import type { RuleKey, ServiceKey } from '../../model/index.ts';
import { virtualHostName } from '../names.ts';
import type { Connect } from './connect.ts';
import type { Domains } from './domains.ts';

/**
 * Everything that decides one virtual host, apart from the objects it is translated from: classes with equal specs share
 * one encoded virtual host. Row key: {@link specKey}.
 */
export interface VirtualHostSpec {
  readonly host: string;
  readonly port: number;
  /** The port that route conditions and destinations without a port mean; 0 where the listener stands for all ports. */
  readonly listenPort: number;
  /** Absent for a host that only a VirtualService names. */
  readonly service?: ServiceKey;
  /** Absent for the default route. */
  readonly routing?: string;
  /** Which conditions on the source hold, see `sourcesOf`. */
  readonly sources: string;
  readonly destinations: Destinations;
  readonly domains: Domains;
  /** For the routes of a forward proxy that opens tunnels. */
  readonly connect?: Connect;
}

/** What is special about destination hosts for a class; a host that is not named here is taken as written. */
export type Destinations = Readonly<Record<string, SpecialDestination>>;

export interface SpecialDestination {
  /** An alias leads to this host. */
  readonly host?: string;
  /** The port of a destination that names none. */
  readonly port?: number;
  /** The rule that hashes requests to this host. */
  readonly rule?: RuleKey;
}

export const NOTHING_SPECIAL: Destinations = {};

/** A spec with its key. */
export interface KeyedSpec {
  readonly spec: VirtualHostSpec;
  readonly key: string;
}

/** Specs by their domains, which services without a caller's own forms share, and by what else may differ there. */
const seen = new WeakMap<Domains, Map<string, KeyedSpec>>();

/** The spec with its key; classes that agree are given the same object and the same text, made once. */
export function keyed(spec: VirtualHostSpec): KeyedSpec {
  if (spec.destinations !== NOTHING_SPECIAL) return { spec, key: specKey(spec) };
  let among = seen.get(spec.domains);
  if (among === undefined) {
    among = new Map();
    seen.set(spec.domains, among);
  }
  const { host, port, listenPort, service = '', routing = '', sources, connect = '' } = spec;
  const difference = `${connect}${port} ${listenPort} ${sources} ${routing} ${service} ${host}`;
  let found = among.get(difference);
  if (found === undefined) {
    found = { spec, key: specKey(spec) };
    among.set(difference, found);
  }
  return found;
}

/** A text that is equal for equal specs. */
export function specKey(spec: VirtualHostSpec): string {
  const { listenPort, service = '', routing = '', sources, domains, connect = '' } = spec;
  const name = virtualHostName(spec.host, spec.port);
  const special = spec.destinations === NOTHING_SPECIAL ? '' : destinationsText(spec.destinations);
  return `${name}\n${connect}${listenPort}\n${service}\n${routing}\n${sources}\n${special}\n${domains.all.join(' ')}\n${domains.short.join(' ')}`;
}

function destinationsText(destinations: Destinations): string {
  return Object.entries(destinations)
    .map(([name, { host, port, rule }]) => [name, host, port, rule].join(' '))
    .sort()
    .join(',');
}
