import type { RouteMatch } from '@sallyport/apis/route';
import type { Condition } from './condition.ts';
import { regexFits } from './text-match.ts';

/** What a route wants of the path, which is compared without query and fragment (RouteMatch in Envoy's API). */
export function pathCondition({ pathSpecifier, caseSensitive }: RouteMatch): Condition {
  const fold = (text: string): string => (caseSensitive === false ? text.toLowerCase() : text);
  const note = caseSensitive === false ? ' in any case' : '';
  switch (pathSpecifier.case) {
    case 'prefix': {
      const prefix = fold(pathSpecifier.value);
      return {
        text: `path starts with ${quote(pathSpecifier.value)}${note}`,
        holds: ({ path }) => fold(path).startsWith(prefix),
      };
    }
    case 'path': {
      const exact = fold(pathSpecifier.value);
      return { text: `path is ${quote(pathSpecifier.value)}${note}`, holds: ({ path }) => fold(path) === exact };
    }
    case 'pathSeparatedPrefix': {
      const prefix = fold(pathSpecifier.value);
      return {
        text: `path is ${quote(pathSpecifier.value)} or below it${note}`,
        holds: ({ path }) => fold(path) === prefix || fold(path).startsWith(`${prefix}/`),
      };
    }
    case 'safeRegex': {
      const matcher = pathSpecifier.value;
      return { text: `path matches ${matcher.regex}`, holds: ({ path }) => regexFits(matcher, path) };
    }
    case 'connectMatcher':
      return { text: 'method is CONNECT', holds: (request) => request.header(':method') === 'CONNECT' };
    case 'pathMatchPolicy':
      return { text: `path fits the extension ${pathSpecifier.value.name}, which is not replayed`, holds: () => false };
    case undefined:
      return { text: 'a path condition that is missing', holds: () => false };
  }
}

const quote = (text: string): string => JSON.stringify(text);
