import type { MessageInitShape } from '@bufbuild/protobuf';
import type { StringMatcherSchema } from '@sallyport/apis/matcher';
import type { HeaderMatcherSchema } from '@sallyport/apis/route';

export type TextMatcher = MessageInitShape<typeof StringMatcherSchema>;

/**
 * A value of a policy as a matcher (Istio's reference, "Authorization Policy"): `*` for any text that is there, `a*` for a prefix, `*a` for a
 * suffix, else the text itself. `before` stands in front of every value, as `spiffe://` does of principals.
 */
export function textMatcher(value: string, before = ''): TextMatcher {
  if (value === '*') return regex('.+');
  if (value.startsWith('*'))
    return before === ''
      ? { matchPattern: { case: 'suffix', value: value.slice(1) } }
      : regex(`${quoted(before)}.*${quoted(value.slice(1))}`);
  if (value.endsWith('*')) return { matchPattern: { case: 'prefix', value: before + value.slice(0, -1) } };
  return { matchPattern: { case: 'exact', value: before + value } };
}

/** The whole text must fit. */
export function regex(expression: string): TextMatcher {
  return { matchPattern: { case: 'safeRegex', value: { regex: expression } } };
}

/** A header by name: `*` asks only that it is there. */
export function headerMatcher(name: string, value: string, ignoreCase = false): MessageInitShape<typeof HeaderMatcherSchema> {
  if (value === '*') return { name, headerMatchSpecifier: { case: 'presentMatch', value: true } };
  const matcher = { ...textMatcher(value), ...(ignoreCase && { ignoreCase }) };
  return { name, headerMatchSpecifier: { case: 'stringMatch', value: matcher } };
}

/** A text that RE2 takes literally. */
export function quoted(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** A text in which only `*` stands for more than itself. */
export function wildcards(text: string, any: string): string {
  return text.split('*').map(quoted).join(any);
}
