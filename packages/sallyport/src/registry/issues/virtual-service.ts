import {
  type ConfigObject,
  type HttpMatchRequest,
  type Issue,
  isHttp,
  isTls,
  objectId,
  type Routing,
  type Service,
} from '../../model/index.ts';
import type { LostRoute } from '../delegate.ts';
import { finding } from './finding.ts';

type Named = Pick<ConfigObject, 'key' | 'origin'>;

/** Routes behind one that takes everything (spec/istio.md 2.7, IST0130). */
export function unreachableFindings(object: Named, { spec }: Routing): readonly Issue[] {
  const http = (spec.http ?? []).map(({ match }) => isCatchAll(match));
  const tcp = (spec.tcp ?? []).map(({ match }) => isCatchAll(match));
  return [...afterCatchAll(object, 'http', http), ...afterCatchAll(object, 'tcp', tcp)];
}

function afterCatchAll(object: Named, kind: 'http' | 'tcp', takesAll: readonly boolean[]): readonly Issue[] {
  const first = takesAll.indexOf(true);
  if (first === -1) return [];
  return takesAll.slice(first + 1).map((_, i) => {
    const message = `${kind} route ${first + 2 + i} is never used: route ${first + 1} before it takes everything`;
    return finding(
      object,
      'UNREACHABLE',
      'warning',
      ['spec', kind, first + 1 + i],
      message,
      'put the route that takes everything last',
    );
  });
}

function isCatchAll(match: readonly HttpMatchRequest[] | undefined): boolean {
  if (match === undefined || match.length === 0) return true;
  return match.some(({ name: _, statPrefix: __, ignoreUriCase: ___, uri, ...conditions }) => {
    const anyPath = uri === undefined || uri.prefix === '/' || uri.regex === '.*';
    return anyPath && Object.values(conditions).every((value) => isEmpty(value));
  });
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '' || value === 0) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

const LOST: Readonly<Record<LostRoute['reason'], (lost: LostRoute, name: string) => readonly [string, string]>> = {
  missing: (_, name) => [`there is no VirtualService ${name} to delegate to`, 'create it without hosts, or mend the reference'],
  'is a root': (_, name) => [`VirtualService ${name} has hosts, so nothing can be delegated to it`, 'leave out spec.hosts there'],
  'not exported': (_, name) => [`VirtualService ${name} is not exported to this namespace`, 'add this namespace to its exportTo'],
  conflict: ({ route = 0 }, name) => [
    `http route ${route + 1} of ${name} can never match what this route matches`,
    'let each match of the delegate lie within a match of the root, e.g. a longer path prefix',
  ],
};

/** Routes that are not there because a delegate is missing, hidden or contradicts its root (spec/istio.md 2.6). */
export function delegateFindings(object: Named, lost: readonly LostRoute[]): readonly Issue[] {
  return lost.map((item) => {
    const { namespace, name } = item.delegate;
    const [what, hint] = LOST[item.reason](item, `${namespace}/${name}`);
    const code = item.reason === 'conflict' ? 'UNREACHABLE' : 'DANGLING_REFERENCE';
    return finding(object, code, 'warning', ['spec', 'http', item.index, 'delegate'], `${what}; the route is left out`, hint);
  });
}

/** Routes of a kind that no port of the host speaks: http rules for TLS ports and the other way round (spec/istio.md 4.5). */
export function ineffectiveFindings(
  object: Named,
  routing: Routing,
  servicesOf: (host: string) => readonly Service[],
): readonly Issue[] {
  const { http = [], tls = [], tcp = [] } = routing.spec;
  if (tcp.length > 0 || !routing.gateways.includes('mesh') || http.length > 0 === tls.length > 0) return [];
  const kind = http.length > 0 ? 'http' : 'tls';
  const idle = routing.hosts.filter((host) => {
    const ports = servicesOf(host).flatMap((service) => service.ports);
    const heard = ports.some(({ protocol }) => (kind === 'http' ? isHttp(protocol) || protocol === 'auto' : isTls(protocol)));
    return ports.length > 0 && !heard;
  });
  if (idle.length === 0) return [];
  const message =
    kind === 'http'
      ? `http routes do nothing for ${idle.join(', ')}: no port there speaks plain HTTP, and a proxy cannot read what is encrypted`
      : `tls routes do nothing for ${idle.join(', ')}: no port there speaks TLS or HTTPS`;
  const hint =
    kind === 'http'
      ? 'use tls routes with sniHosts; or declare an HTTP port with targetPort: 443 and a DestinationRule of tls mode SIMPLE, and call http://'
      : 'use http routes';
  return [finding(object, 'INEFFECTIVE', 'warning', ['spec', kind], message, hint)];
}

/** A second VirtualService for a host: only the oldest of a namespace is used (spec/istio.md 2.6). */
export function shadowedRoutingFindings(
  object: Named,
  routing: Routing,
  rivalsOf: (host: string) => readonly Routing[],
): readonly Issue[] {
  if (!routing.gateways.includes('mesh')) return [];
  return routing.hosts.flatMap((host, index) => {
    const winner = rivalsOf(host)
      .filter((rival) => rival.namespace === routing.namespace && objectId(rival.key) !== objectId(routing.key))
      .filter((rival) => inOrder(rival, routing) < 0)
      .sort(inOrder)[0];
    if (winner === undefined) return [];
    const message = `routes for ${host} are not used by sidecars: VirtualService ${winner.namespace}/${winner.key.name} is older and has the same host`;
    return [
      finding(
        object,
        'SHADOWED',
        'warning',
        ['spec', 'hosts', index],
        message,
        'put all routes of a host into one VirtualService',
      ),
    ];
  });
}

function inOrder(a: Routing, b: Routing): number {
  return a.createdAt - b.createdAt || (a.key.name < b.key.name ? -1 : a.key.name > b.key.name ? 1 : 0);
}
