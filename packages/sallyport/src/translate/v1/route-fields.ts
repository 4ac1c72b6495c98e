import type {
  ConfigObject,
  CorsPolicy,
  Destination,
  HeaderManipulationV1,
  Headers,
  HttpFault,
  HttpRoute,
  HttpRouteDestination,
  KubeDestinationV1,
  Percent,
  PolicyV1,
  StringMatch,
  TrafficPolicyV1Spec,
} from '../../model/index.ts';
import { copied, type Marked, took } from '../sourced.ts';
import { stringMatchOf } from './matches.ts';

const AT = ['spec', 'policy'];

/** Parts of a route that policies set. */
export type RouteFields = { readonly [K in keyof HttpRoute]?: Marked<NonNullable<HttpRoute[K]>> };

/** Fields of a policy that are set on routes. */
export function setsRoutes({ spec: { policy = {} } }: ConfigObject<TrafficPolicyV1Spec>): boolean {
  return ROUTE_FIELDS.some((field) => policy[field] !== undefined);
}

const ROUTE_FIELDS = [
  'trafficShift',
  'faultInjection',
  'requestTimeout',
  'retries',
  'corsPolicy',
  'mirror',
  'headerManipulation',
] as const satisfies readonly (keyof PolicyV1)[];

/** What a policy sets on its routes for calls to this port. */
export function routeFieldsOf(policy: ConfigObject<TrafficPolicyV1Spec>, port: number, clusterDomain: string): RouteFields {
  const { policy: { faultInjection, requestTimeout, retries, corsPolicy, mirror, headerManipulation, trafficShift } = {} } =
    policy.spec;
  const at = (field: keyof PolicyV1) => [...AT, field];
  return {
    ...(trafficShift && {
      route: (trafficShift.destinations ?? []).map((one, i) =>
        took<HttpRouteDestination>(policy, [...at('trafficShift'), 'destinations', i], {
          destination: destinationOf({ port, ...one.kubeService }, clusterDomain),
          ...(one.weight === undefined ? {} : { weight: one.weight }),
          ...(one.options?.headerManipulation && { headers: headersOf(one.options.headerManipulation) }),
        }),
      ),
    }),
    ...(faultInjection && { fault: took<HttpFault>(policy, at('faultInjection'), faultOf(faultInjection)) }),
    ...(requestTimeout && { timeout: took(policy, at('requestTimeout'), requestTimeout) }),
    ...(retries && { retries: copied(policy, at('retries'), retries) }),
    ...(corsPolicy && { corsPolicy: took<CorsPolicy>(policy, at('corsPolicy'), corsOf(corsPolicy)) }),
    ...(mirror && {
      mirror: took<Destination>(
        policy,
        at('mirror'),
        destinationOf({ ...mirror.kubeService, ...numbered(mirror.port) }, clusterDomain),
      ),
      mirrorPercentage: took<Percent>(policy, at('mirror'), { value: mirror.percentage ?? 100 }),
    }),
    ...(headerManipulation && { headers: took<Headers>(policy, at('headerManipulation'), headersOf(headerManipulation)) }),
  };
}

/** A Kubernetes Service of this cluster; its subset is named after its labels (spec/gloo.md 1.7). */
function destinationOf({ name, namespace, subset, port: number }: KubeDestinationV1, clusterDomain: string): Destination {
  return {
    host: `${name}.${namespace}.svc.${clusterDomain}`,
    ...(subset === undefined || Object.keys(subset).length === 0 ? {} : { subset: subsetName(subset) }),
    ...(number === undefined || number === 0 ? {} : { port: { number } }),
  };
}

export function subsetName(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}-${value}`)
    .sort()
    .join('-')
    .replace(/[^-\w]/g, '-');
}

function faultOf({ fixedDelay, abort, percentage = 100 }: NonNullable<PolicyV1['faultInjection']>): HttpFault {
  if (abort !== undefined) return { abort: { httpStatus: abort.httpStatus ?? 0, percentage: { value: percentage } } };
  return { delay: { fixedDelay: fixedDelay ?? '0s', percentage: { value: percentage } } };
}

function corsOf({ allowOrigins, ...rest }: NonNullable<PolicyV1['corsPolicy']>): CorsPolicy {
  const origins = (allowOrigins ?? []).map(stringMatchOf).filter((origin): origin is StringMatch => origin !== undefined);
  return { ...(origins.length === 0 ? {} : { allowOrigins: origins }), ...rest };
}

function headersOf(headers: HeaderManipulationV1): Headers {
  const request = operations(headers.appendRequestHeaders, headers.removeRequestHeaders);
  const response = operations(headers.appendResponseHeaders, headers.removeResponseHeaders);
  return { ...(request && { request }), ...(response && { response }) };
}

function operations(add: Readonly<Record<string, string>> = {}, remove: readonly string[] = []): Headers['request'] | undefined {
  if (Object.keys(add).length === 0 && remove.length === 0) return undefined;
  return { ...(Object.keys(add).length === 0 ? {} : { add }), ...(remove.length === 0 ? {} : { remove }) };
}

const numbered = (port: number | undefined): { readonly port?: number } => (port === undefined ? {} : { port });
