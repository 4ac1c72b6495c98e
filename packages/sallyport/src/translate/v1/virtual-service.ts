import { ipFamily } from '../../lib/ip.ts';
import type { ConfigObject, HttpRoute, HttpRouteDestination, Issue, TrafficPolicyV1Spec } from '../../model/index.ts';
import { type Marked, took } from '../sourced.ts';
import { groupOf, portsOf } from './agreed.ts';
import type { ExternalDestination } from './destination.ts';
import { bySpecificity, matchesOf, type RouteMatch } from './matches.ts';
import { type RouteFields, routeFieldsOf, setsRoutes } from './route-fields.ts';

type Policy = ConfigObject<TrafficPolicyV1Spec>;

export interface Around {
  readonly cluster: string;
  readonly clusterDomain: string;
  readonly v1Profile: 'v1.1' | 'v1.2';
}

const HTTP = ['HTTP', 'HTTP2', 'GRPC'];
const EVERY: RouteMatch = { value: {}, marked: {} };
const isEvery = ({ value }: RouteMatch): boolean => Object.keys(value).every((field) => field === 'name');

/** Ports of an external service that requests can be routed on. */
export function httpPortsOf({ spec }: ExternalDestination): readonly number[] {
  const { ports = [] } = spec.externalService;
  return ports.filter(({ protocol = '' }) => HTTP.includes(protocol.toUpperCase())).map(({ number = 0 }) => number);
}

/** Routes of one host that policies ask for, as Gloo makes them (spec/gloo.md 1.7); none when no policy says anything of routes. */
export function routesOf(
  object: ExternalDestination,
  host: string,
  policies: readonly Policy[],
  around: Around,
): Marked<HttpRoute>[] {
  const rewrite = rewriteOf(object, around);
  const routes = httpPortsOf(object).flatMap((port) => routesOn(port, { object, host, rewrite, policies, around }));
  return routes.sort((a, b) => bySpecificity(a.match, b.match)).map(({ marked }) => marked);
}

interface Routed {
  readonly object: ExternalDestination;
  readonly host: string;
  readonly rewrite: RouteFields | undefined;
  readonly policies: readonly Policy[];
  readonly around: Around;
}

/** One route for each condition of each group of policies; a rewrite wants one more, for everything else. */
function routesOn(port: number, { object, host, rewrite, policies, around }: Routed) {
  const here = policies.filter((policy) => setsRoutes(policy) && portsOf(policy, [port]).length > 0);
  const made = [...Map.groupBy(here, groupOf).values()].flatMap((group) => {
    const fields: RouteFields = Object.assign({}, ...group.map((policy) => routeFieldsOf(policy, port, around.clusterDomain)));
    return matchesOf(group[0]!, around.cluster).map((match) => ({ match, fields }));
  });
  const isOpen = made.some(({ match }) => isEvery(match));
  const all = rewrite === undefined || isOpen ? made : [...made, { match: EVERY, fields: {} }];
  const own: Marked<HttpRouteDestination> = {
    destination: { host: took(object, ['spec', 'externalService', 'hosts'], host), port: { number: port } },
  };
  return all.map(({ match, fields }) => {
    const conditions = [{ ...match.marked, port }] as Marked<HttpRoute['match']>;
    const marked = { match: conditions, ...(fields.route === undefined ? rewrite : {}), route: [own], ...fields };
    return { match: { ...match.value, port }, marked: marked as Marked<HttpRoute> };
  });
}

/** `autoHostRewrite`: the server behind the one host name that the endpoints share gets to hear its own name (spec/gloo.md 5, U5). */
function rewriteOf(object: ExternalDestination, { v1Profile }: Around): RouteFields | undefined {
  const { options, endpoints = [] } = object.spec.externalService;
  const names = new Set(endpoints.map(({ address = '' }) => address).filter((address) => ipFamily(address) === 0));
  if (!(options?.autoHostRewrite ?? v1Profile === 'v1.2') || names.size !== 1) return undefined;
  const at = [
    'spec',
    'externalService',
    ...(options?.autoHostRewrite === undefined ? ['endpoints'] : ['options', 'autoHostRewrite']),
  ];
  return { rewrite: { authority: took(object, at, [...names][0]!) } };
}

/** What should be said of the policies whose routes leave requests without one: Gloo adds no default route (spec/gloo.md 1.7, step 8). */
export function unrouted(object: ExternalDestination, policies: readonly Policy[], around: Around): readonly Issue[] {
  if (rewriteOf(object, around) !== undefined) return [];
  return httpPortsOf(object).flatMap((port): Issue[] => {
    const routing = policies.filter((policy) => setsRoutes(policy) && portsOf(policy, [port]).length > 0);
    const matches = routing.flatMap((policy) => matchesOf(policy, around.cluster));
    const [first] = routing;
    if (first === undefined || matches.length === 0 || matches.some(isEvery)) return [];
    const { namespace, name } = object.key;
    return [
      {
        code: 'UNREACHABLE',
        severity: 'warning',
        object: first.key,
        field: ['spec', first.spec.httpRequestMatchers === undefined ? 'sourceSelector' : 'httpRequestMatchers'],
        message: `requests to port ${port} of Destination ${namespace}/${name} that no policy selects get 404: there are routes for the selected ones only`,
        hint: 'add a TrafficPolicy without httpRequestMatchers and sourceSelector for the others, for example with a requestTimeout',
      },
    ];
  });
}
