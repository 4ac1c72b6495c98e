import { RE2JS } from 're2js';

const LONGEST = 1024;

/** Why Envoy would refuse a regular expression: too long, or not RE2 (spec/istio.md 2.7). */
export function badRegex(text: string): string | undefined {
  if (text.length > LONGEST) return `it has ${text.length} characters, more than ${LONGEST}`;
  try {
    RE2JS.compile(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
