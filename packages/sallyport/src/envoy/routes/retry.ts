import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  PreviousHostsPredicateSchema,
  PreviousPrioritiesConfigSchema,
  RetryPolicy_RetryHostPredicateSchema,
  RetryPolicy_RetryPrioritySchema,
  type RetryPolicySchema,
} from '@sallyport/apis/route';
import type { HttpRetry } from '../../model/index.ts';
import { anyOf, durationOf } from '../encode.ts';

export type RetryShape = MessageInitShape<typeof RetryPolicySchema>;

const RETRIED = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';
/** Nothing of the request reached the workload. */
const UNSENT = 'reset-before-request';
const STATUS_CODES = 'retriable-status-codes';
/** Every status that has a name: only such a number counts as a status in `retryOn`. */
const STATUSES: ReadonlySet<number> = new Set(
  [
    [100, 101, 102, 103],
    [200, 201, 202, 203, 204, 205, 206, 207, 208, 226],
    [300, 301, 302, 303, 304, 305, 307, 308],
    [400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418],
    [421, 422, 423, 424, 425, 426, 428, 429, 431, 451],
    [500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511],
  ].flat(),
);

/** Retries go to hosts not tried before, unless a hash decides where a request belongs. Made once: nearly every route has it. */
const otherHosts = create(RetryPolicy_RetryHostPredicateSchema, {
  name: 'envoy.retry_host_predicates.previous_hosts',
  configType: { case: 'typedConfig', value: anyOf(PreviousHostsPredicateSchema, {}) },
});

const otherPriorities = create(RetryPolicy_RetryPrioritySchema, {
  name: 'envoy.retry_priorities.previous_priorities',
  configType: { case: 'typedConfig', value: anyOf(PreviousPrioritiesConfigSchema, { updateFrequency: 2 }) },
});

/**
 * Retries of a route: the built-in policy with what `retries` says laid over it; no policy for 0 attempts
 * (spec/istio.md 4.7). `hashed`: the route's one destination is chosen by consistent hashing.
 */
export function retryPolicy(retries: HttpRetry | undefined, hashed: boolean): RetryShape | undefined {
  if (retries !== undefined && (retries.attempts ?? 0) <= 0) return undefined;
  const conditions = retryConditions(retries?.retryOn ?? '');
  const perTryTimeout = durationOf(retries?.perTryTimeout);
  const baseInterval = durationOf(retries?.backoff);
  return {
    numRetries: retries?.attempts ?? 2,
    ...conditions,
    hostSelectionRetryMaxAttempts: 5n,
    retryHostPredicate: (retries?.retryIgnorePreviousHosts ?? !hashed) ? [otherHosts] : [],
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(baseInterval !== undefined && { retryBackOff: { baseInterval } }),
    ...(retries?.retryRemoteLocalities === true && { retryPriority: otherPriorities }),
  };
}

/** Retries of a sidecar towards its own workload, which has no other hosts; no policy for 0 attempts (spec/istio.md 4.11). */
export function inboundRetryPolicy(retries: HttpRetry | undefined): RetryShape | undefined {
  if (retries !== undefined && (retries.attempts ?? 0) <= 0) return undefined;
  const perTryTimeout = durationOf(retries?.perTryTimeout);
  const baseInterval = durationOf(retries?.backoff);
  return {
    numRetries: retries?.attempts ?? 2,
    ...retryConditions(retries?.retryOn || UNSENT),
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(baseInterval !== undefined && { retryBackOff: { baseInterval } }),
  };
}

/** Splits `5xx,503` into Envoy's conditions and status codes. */
function retryConditions(retryOn: string): { retryOn: string; retriableStatusCodes: number[] } {
  if (retryOn === '') return { retryOn: RETRIED, retriableStatusCodes: [] };
  const tokens = retryOn
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '');
  const isStatus = (token: string): boolean => /^\d+$/.test(token) && STATUSES.has(Number(token));
  const words = tokens.filter((token) => !isStatus(token));
  const codes = tokens.filter(isStatus).map(Number);
  if (codes.length > 0 && !words.includes(STATUS_CODES)) words.push(STATUS_CODES);
  return { retryOn: words.join(','), retriableStatusCodes: codes };
}
