import type { RegexMatcher, StringMatcher } from '@sallyport/apis/matcher';
import { RE2JS } from 're2js';
import { once } from './once.ts';

/** Whether a text fits a matcher; extensions (`custom`) fit nothing. Case is folded for everything but regular expressions. */
export function textFits({ matchPattern, ignoreCase }: StringMatcher, text: string): boolean {
  const fold = (t: string): string => (ignoreCase ? t.toLowerCase() : t);
  switch (matchPattern.case) {
    case 'exact':
      return fold(text) === fold(matchPattern.value);
    case 'prefix':
      return fold(text).startsWith(fold(matchPattern.value));
    case 'suffix':
      return fold(text).endsWith(fold(matchPattern.value));
    case 'contains':
      return fold(text).includes(fold(matchPattern.value));
    case 'safeRegex':
      return regexFits(matchPattern.value, text);
    case 'custom':
    case undefined:
      return false;
  }
}

/** A matcher in words: `= "a"`, `starts with "a"`. */
export function matcherText({ matchPattern, ignoreCase }: StringMatcher): string {
  const fold = ignoreCase ? ' in any case' : '';
  switch (matchPattern.case) {
    case 'exact':
      return `= ${JSON.stringify(matchPattern.value)}${fold}`;
    case 'prefix':
      return `starts with ${JSON.stringify(matchPattern.value)}${fold}`;
    case 'suffix':
      return `ends with ${JSON.stringify(matchPattern.value)}${fold}`;
    case 'contains':
      return `contains ${JSON.stringify(matchPattern.value)}${fold}`;
    case 'safeRegex':
      return `matches ${matchPattern.value.regex}`;
    default:
      return 'fits an extension that is not replayed';
  }
}

/** Whether the whole text matches, by RE2 as in Envoy; an expression that is none matches nothing. */
export function regexFits(matcher: RegexMatcher, text: string): boolean {
  return compiled(matcher)?.matches(text) ?? false;
}

const compiled = once((matcher: RegexMatcher): RE2JS | undefined => {
  try {
    return RE2JS.compile(matcher.regex);
  } catch {
    return undefined;
  }
});
