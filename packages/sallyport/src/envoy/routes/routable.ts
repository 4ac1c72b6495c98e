import { isHttp, type ObjectKey, type Service } from '../../model/index.ts';
import { type Domains, plainDomains } from './domains.ts';

/** What routes need of a service, the same for every class. Row key: the service's key. */
export interface Routable {
  readonly key: string;
  /** Lower case. */
  readonly host: string;
  /** The host, then others that stand for it: ExternalName Services, sorted. */
  readonly names: readonly string[];
  readonly plain: Domains;
  /** The host this one stands for: it then has no virtual host of its own. */
  readonly aliasOf?: string;
  readonly ports: readonly RoutablePort[];
  readonly addresses: readonly string[];
  readonly autoAddresses: readonly string[];
  readonly registry: Service['registry'];
  /** Members of a headless Service are called by names below the host. */
  readonly membersByName: boolean;
  /** No address is known before a call arrives: listeners are on addresses of endpoints (spec/istio.md 4.2). */
  readonly passthrough: boolean;
  /** Sorts as `byServiceAge` does. */
  readonly age: string;
  readonly from: ObjectKey;
}

export interface RoutablePort {
  readonly number: number;
  /** HTTP, or no protocol given and so perhaps HTTP. */
  readonly http: boolean;
  readonly auto: boolean;
}

export function routableOf(service: Service, aliases: readonly string[]): Routable {
  const host = service.host.toLowerCase();
  const names = [host, ...aliases];
  return {
    key: service.key,
    host,
    names,
    plain: plainDomains(names),
    ...(service.aliasOf !== undefined && { aliasOf: service.aliasOf.toLowerCase() }),
    ports: service.ports.map(({ number, protocol }) => {
      const auto = protocol === 'auto';
      return { number, http: auto || isHttp(protocol), auto };
    }),
    addresses: service.addresses,
    autoAddresses: service.autoAddresses,
    registry: service.registry,
    membersByName: service.headless && service.registry === 'kubernetes',
    passthrough: service.resolution === 'none' || service.headless,
    age: [paddedTime(service.createdAt), service.name, service.namespace, service.key].join('\n'),
    from: service.from,
  };
}

/** A time that sorts as text as it does as a number. */
export function paddedTime(milliseconds: number): string {
  return String(Math.max(0, milliseconds)).padStart(16, '0');
}

/** All hosts that lead to `host` through one or more aliases, sorted; loops end where they begin (spec/istio.md 12). */
export function aliasesOf(host: string, aliasesFor: (host: string) => Iterable<string>): readonly string[] {
  const found = new Set<string>();
  const open = [host];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const alias of aliasesFor(at)) {
      if (alias === host || found.has(alias)) continue;
      found.add(alias);
      open.push(alias);
    }
  }
  return [...found].sort();
}
