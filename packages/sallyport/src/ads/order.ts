import { urlOf } from './types.ts';

/**
 * Make before break: what is named by others goes first, and goes away last ("Eventual consistency considerations" of the
 * xDS protocol). Types that are not listed depend on nothing here.
 */
export const ORDER: readonly string[] = [urlOf.cluster, urlOf.endpoints, urlOf.listener, urlOf.route];
export const REMOVAL_ORDER: readonly string[] = ORDER.toReversed();

const FIRST: readonly string[] = [];
/**
 * Endpoints do not wait for the acknowledgement of clusters: Envoy holds that back until the clusters are warm, which they
 * are when their endpoints have come (spec/envoy.md 1).
 */
const BEFORE: ReadonlyMap<string, readonly string[]> = new Map([
  [urlOf.listener, [urlOf.cluster, urlOf.endpoints]],
  [urlOf.route, [urlOf.cluster, urlOf.endpoints, urlOf.listener]],
]);

/** The types that must be delivered and acknowledged before this one is sent. */
export const mustPrecede = (url: string): readonly string[] => BEFORE.get(url) ?? FIRST;
