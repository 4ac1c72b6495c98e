import type { CorsPolicySpec, GlooStringMatch, StringMatch } from '../../../../model/index.ts';
import { quoted } from '../matcher.ts';
import type { Effect } from './effect.ts';

export function cors({ config }: CorsPolicySpec): Effect {
  const { allowOrigins, ...rest } = config ?? {};
  return {
    fields: { corsPolicy: { ...(allowOrigins !== undefined && { allowOrigins: allowOrigins.map(originOf) }), ...rest } },
    from: { corsPolicy: ['config'] },
  };
}

/** Istio compares origins letter by letter; one in any case is a regular expression. */
function originOf({ exact, prefix, regex, ignoreCase = false }: GlooStringMatch): StringMatch {
  if (regex !== undefined) return { regex };
  if (!ignoreCase) return { ...(exact !== undefined && { exact }), ...(prefix !== undefined && { prefix }) };
  return { regex: prefix === undefined ? `(?i)${quoted(exact ?? '')}` : `(?i)${quoted(prefix)}.*` };
}
