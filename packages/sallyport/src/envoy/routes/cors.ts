import type { Any } from '@bufbuild/protobuf/wkt';
import { CorsPerRouteSchema } from '@sallyport/apis/http';
import { parseDuration } from '../../lib/duration.ts';
import type { CorsPolicy } from '../../model/index.ts';
import { anyOf } from '../encode.ts';
import { stringMatcher } from './match.ts';
import { perHundred } from './percent.ts';

/** A CORS policy for the cors filter (spec/istio.md 4.7). Preflights that match nothing go on to the service unless ignored. */
export function corsPerRoute(cors: CorsPolicy): Any {
  const origins = cors.allowOrigins ?? (cors.allowOrigin ?? []).map((exact) => ({ exact }));
  const maxAge = cors.maxAge === undefined ? undefined : parseDuration(cors.maxAge);
  return anyOf(CorsPerRouteSchema, {
    allowOriginStringMatch: origins.map(stringMatcher).filter((origin) => origin !== undefined),
    allowMethods: (cors.allowMethods ?? []).join(','),
    allowHeaders: (cors.allowHeaders ?? []).join(','),
    exposeHeaders: (cors.exposeHeaders ?? []).join(','),
    ...(maxAge !== undefined && { maxAge: String(Math.trunc(maxAge / 1e9)) }),
    ...(cors.allowCredentials !== undefined && { allowCredentials: cors.allowCredentials }),
    filterEnabled: { defaultValue: perHundred(100) },
    forwardNotMatchingPreflights: cors.unmatchedPreflights !== 'IGNORE',
  });
}
