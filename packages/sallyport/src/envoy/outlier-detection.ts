import { create } from '@bufbuild/protobuf';
import { type OutlierDetection as EnvoyOutlierDetection, OutlierDetectionSchema } from '@sallyport/apis/cluster';
import { type MatchPredicate, MatchPredicateSchema } from '@sallyport/apis/matcher';
import type { OutlierDetection } from '../model/index.ts';
import { durationOf } from './encode.ts';

/** Ejection of endpoints by consecutive failures; Envoy's success-rate ejection stays off (spec/istio.md 4.6). */
export function outlierDetection(wanted: OutlierDetection | undefined): EnvoyOutlierDetection | undefined {
  if (wanted === undefined) return undefined;
  return create(OutlierDetectionSchema, {
    enforcingSuccessRate: 0,
    consecutive5xx: wanted.consecutive5xxErrors,
    enforcingConsecutive5xx: enforcing(wanted.consecutive5xxErrors),
    consecutiveGatewayFailure: wanted.consecutiveGatewayErrors,
    enforcingConsecutiveGatewayFailure: enforcing(wanted.consecutiveGatewayErrors),
    interval: durationOf(wanted.interval),
    baseEjectionTime: durationOf(wanted.baseEjectionTime),
    maxEjectionPercent: wanted.maxEjectionPercent || undefined,
    ...(wanted.splitExternalLocalOriginErrors === true && {
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailure: wanted.consecutiveLocalOriginFailures || undefined,
      enforcingConsecutiveLocalOriginFailure: wanted.consecutiveLocalOriginFailures ? 100 : undefined,
      enforcingLocalOriginSuccessRate: 0,
    }),
  });
}

/** Zero failures allowed means the check is off, not that it always strikes. */
function enforcing(failures: number | undefined): number | undefined {
  return failures === undefined ? undefined : failures > 0 ? 100 : 0;
}

/** Which responses count as failures instead of Envoy's 5xx, if the user lists status codes. */
export function errorMatcher(wanted: OutlierDetection | undefined): MatchPredicate | undefined {
  const [first, ...others] = (wanted?.outlierDetectionHttpErrorCodes ?? []).map(hasStatus);
  if (first === undefined || others.length === 0) return first;
  return create(MatchPredicateSchema, { rule: { case: 'orMatch', value: { rules: [first, ...others] } } });
}

function hasStatus(code: number): MatchPredicate {
  const exact = { matchPattern: { case: 'exact' as const, value: String(code) } };
  const headers = [{ name: ':status', headerMatchSpecifier: { case: 'stringMatch' as const, value: exact } }];
  return create(MatchPredicateSchema, { rule: { case: 'httpResponseHeadersMatch', value: { headers } } });
}
