import type { CookieMatcher, QueryParameterMatcher, Route, RouteMatch } from '@sallyport/apis/route';
import type { Condition } from './condition.ts';
import { headerCondition } from './header-condition.ts';
import { once } from './once.ts';
import { pathCondition } from './path-condition.ts';
import { matcherText, textFits } from './text-match.ts';

/**
 * All that a route wants of a request (conformance/README.md section 2, step 7). Runtime fractions are ignored; dynamic
 * metadata and filter state are made by filters that are not replayed, so such conditions never hold.
 */
export const conditionsOf = once(({ match }: Route): readonly Condition[] => {
  if (match === undefined) return [];
  return [
    pathCondition(match),
    ...match.headers.map(headerCondition),
    ...match.queryParameters.map(queryCondition),
    ...match.cookies.map(cookieCondition),
    ...(match.grpc === undefined ? [] : [GRPC]),
    ...tlsConditions(match),
    ...match.dynamicMetadata.map(({ filter }) => never(`dynamic metadata of ${filter}`)),
    ...match.filterState.map(({ key }) => never(`filter state ${key}`)),
  ];
});

const never = (what: string): Condition => ({ text: `${what}, which is not replayed`, holds: () => false });

const GRPC: Condition = {
  text: 'the request is gRPC',
  holds: (request) => /^application\/grpc($|\+)/.test(request.header('content-type') ?? ''),
};

function queryCondition({ name, queryParameterMatchSpecifier: wanted }: QueryParameterMatcher): Condition {
  if (wanted.case === 'stringMatch') {
    const matcher = wanted.value;
    return {
      text: `query parameter ${name} ${matcherText(matcher)}`,
      holds: ({ query }) => query.has(name) && textFits(matcher, query.get(name)!),
    };
  }
  const present = wanted.case === undefined || wanted.value;
  return {
    text: `query parameter ${name} is ${present ? 'present' : 'absent'}`,
    holds: ({ query }) => query.has(name) === present,
  };
}

function cookieCondition({ name, stringMatch, invertMatch }: CookieMatcher): Condition {
  return {
    text: `cookie ${name} ${invertMatch ? 'not: ' : ''}${stringMatch === undefined ? 'is present' : matcherText(stringMatch)}`,
    holds: (request) => {
      const value = cookiesOf(request.header('cookie') ?? '').get(name);
      if (value === undefined) return invertMatch;
      return (stringMatch === undefined || textFits(stringMatch, value)) !== invertMatch;
    },
  };
}

function cookiesOf(header: string): ReadonlyMap<string, string> {
  const pairs = header.split(';').map((pair) => pair.trim());
  return new Map(pairs.filter((p) => p.includes('=')).map((p) => [p.slice(0, p.indexOf('=')), p.slice(p.indexOf('=') + 1)]));
}

/** A client certificate that was presented counts as validated: the handshake has been checked before. */
function tlsConditions({ tlsContext }: RouteMatch): readonly Condition[] {
  const wanted = [tlsContext?.presented, tlsContext?.validated].filter((w) => w !== undefined);
  return wanted.map((want) => ({
    text: `the caller shows ${want ? 'a' : 'no'} client certificate`,
    holds: ({ tls }) => (tls === 'mtls') === want,
  }));
}
