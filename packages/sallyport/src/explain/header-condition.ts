import type { HeaderMatcher } from '@sallyport/apis/route';
import type { Condition } from './condition.ts';
import { matcherText, regexFits, textFits } from './text-match.ts';

type Specifier = HeaderMatcher['headerMatchSpecifier'];

/**
 * What a route wants of a header (HeaderMatcher in Envoy's API). A condition on the value never holds for a missing
 * header, inverted or not, unless missing counts as empty; only presence can be asked of a missing one.
 */
export function headerCondition(matcher: HeaderMatcher): Condition {
  const { name, headerMatchSpecifier: wanted, invertMatch, treatMissingHeaderAsEmpty } = matcher;
  return {
    text: `header ${name} ${invertMatch ? 'not: ' : ''}${specifierText(wanted)}`,
    holds: (request) => {
      const value = request.header(name);
      if (wanted.case === undefined) return (value !== undefined) !== invertMatch;
      if (wanted.case === 'presentMatch') {
        const present = value !== undefined || treatMissingHeaderAsEmpty;
        return (present === wanted.value) !== invertMatch;
      }
      if (value === undefined && !treatMissingHeaderAsEmpty) return false;
      return valueFits(wanted, value ?? '') !== invertMatch;
    },
  };
}

function valueFits(wanted: Specifier, value: string): boolean {
  switch (wanted.case) {
    case 'exactMatch':
      return value === wanted.value;
    case 'prefixMatch':
      return value.startsWith(wanted.value);
    case 'suffixMatch':
      return value.endsWith(wanted.value);
    case 'containsMatch':
      return value.includes(wanted.value);
    case 'safeRegexMatch':
      return regexFits(wanted.value, value);
    case 'stringMatch':
      return textFits(wanted.value, value);
    case 'rangeMatch':
      return /^[+-]?\d+$/.test(value) && BigInt(value) >= wanted.value.start && BigInt(value) < wanted.value.end;
    case 'presentMatch':
    case undefined:
      return true;
  }
}

function specifierText(wanted: Specifier): string {
  switch (wanted.case) {
    case 'exactMatch':
      return `= ${JSON.stringify(wanted.value)}`;
    case 'prefixMatch':
      return `starts with ${JSON.stringify(wanted.value)}`;
    case 'suffixMatch':
      return `ends with ${JSON.stringify(wanted.value)}`;
    case 'containsMatch':
      return `contains ${JSON.stringify(wanted.value)}`;
    case 'safeRegexMatch':
      return `matches ${wanted.value.regex}`;
    case 'stringMatch':
      return matcherText(wanted.value);
    case 'rangeMatch':
      return `is a number from ${wanted.value.start} and below ${wanted.value.end}`;
    case 'presentMatch':
      return wanted.value ? 'is present' : 'is absent';
    case undefined:
      return 'is present';
  }
}
