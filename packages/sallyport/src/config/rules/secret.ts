import { type Finding, invalid } from '../finding.ts';
import { isMapping } from '../normalise.ts';
import type { Rule } from './rule.ts';

const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

/** Secret: texts under `data` in base64 and under `stringData` as they are. No finding repeats what stands there. */
export const secretRule: Rule<Readonly<Record<string, unknown>>> = function* (spec) {
  yield* checkTexts(spec, 'data', (text) =>
    BASE64.test(text) ? undefined : ['is no base64', 'encode it, or write it under `stringData` as it is'],
  );
  yield* checkTexts(spec, 'stringData', () => undefined);
};

function* checkTexts(
  spec: Readonly<Record<string, unknown>>,
  part: 'data' | 'stringData',
  faultOf: (text: string) => readonly [message: string, hint: string] | undefined,
): Iterable<Finding> {
  const given = spec[part];
  if (given === undefined || given === null) return;
  if (!isMapping(given)) {
    yield invalid(['spec', part], `\`${part}\` is no mapping of texts`, `write ${part}: {tls.crt: …, tls.key: …}`);
    return;
  }
  for (const [key, value] of Object.entries(given)) {
    if (value === null) continue;
    const fault = typeof value === 'string' ? faultOf(value) : (['is no text', 'put it in quotes'] as const);
    if (fault !== undefined) yield invalid(['spec', part, key], `the value of \`${key}\` ${fault[0]}`, fault[1]);
  }
}
