import type { MessageInitShape } from '@bufbuild/protobuf';
import type { FractionalPercentSchema } from '@sallyport/apis/core';
import type { RouteAction_RequestMirrorPolicySchema } from '@sallyport/apis/route';
import type { Destination, HttpRoute, Percent } from '../../model/index.ts';
import { perHundred, perMillion } from './percent.ts';

type MirrorShape = MessageInitShape<typeof RouteAction_RequestMirrorPolicySchema>;
type Fraction = MessageInitShape<typeof FractionalPercentSchema>;

/** Where copies of requests go. All requests unless a percentage is given; 0 means no mirror (spec/istio.md 4.7). */
export function mirrorPolicies(route: HttpRoute, clusterOf: (destination: Destination) => string): MirrorShape[] {
  const single =
    route.mirror === undefined
      ? []
      : [{ destination: route.mirror, share: shareOf(route.mirrorPercentage, route.mirrorPercent) }];
  const several = (route.mirrors ?? []).map(({ destination, percentage }) => ({ destination, share: shareOf(percentage) }));
  return [...single, ...several].flatMap(({ destination, share }) =>
    share === undefined
      ? []
      : [
          {
            cluster: clusterOf(destination),
            runtimeFraction: { defaultValue: share },
            traceSampled: false,
            disableShadowHostSuffixAppend: true,
          },
        ],
  );
}

function shareOf(percentage: Percent | undefined, percent?: number): Fraction | undefined {
  if (percentage !== undefined) return (percentage.value ?? 0) > 0 ? perMillion(percentage) : undefined;
  if (percent !== undefined) return percent > 0 ? perHundred(percent) : undefined;
  return perHundred(100);
}
