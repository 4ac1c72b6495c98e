import type { ConfigObject, OutlierDetectionPolicySpec, PolicyBlocks } from '../../model/index.ts';
import { type Marked, took } from '../sourced.ts';

/** OutlierDetectionPolicy with Gloo's defaults, which are not Istio's; 0 % means Istio's (spec/gloo.md 2.9). */
export function outlierBlocks(policy: ConfigObject<OutlierDetectionPolicySpec>): Marked<PolicyBlocks> {
  const {
    consecutiveErrors = 5,
    interval = '10s',
    baseEjectionTime = '30s',
    maxEjectionPercent = 100,
    consecutiveGatewayErrors = 0,
  } = policy.spec.config ?? {};
  const from = <T>(name: string, value: T): Marked<T> => took(policy, ['spec', 'config', name], value as Marked<T>);
  return {
    outlierDetection: took<NonNullable<PolicyBlocks['outlierDetection']>>(policy, ['spec', 'config'], {
      consecutive5xxErrors: from('consecutiveErrors', consecutiveErrors),
      ...(consecutiveGatewayErrors > 0 && {
        consecutiveGatewayErrors: from('consecutiveGatewayErrors', consecutiveGatewayErrors),
      }),
      interval: from('interval', interval),
      baseEjectionTime: from('baseEjectionTime', baseEjectionTime),
      ...(maxEjectionPercent > 0 && { maxEjectionPercent: from('maxEjectionPercent', maxEjectionPercent) }),
    }),
  };
}
