import { checkSpec, type Finding } from '../config/index.ts';
import {
  byAge,
  type ConfigObject,
  type FieldPath,
  type Issue,
  type Kind,
  objectId,
  sourceOf,
  type Translated,
} from '../model/index.ts';

/** One object that was asked for by one or several translations, and what became of it. */
export interface Standing {
  readonly accepted?: Translated;
  /** On Gloo objects, or on the object itself. */
  readonly issues: readonly Issue[];
}

/**
 * Which of the claims to one name stands: what the user wrote by hand wins, then the oldest. It has to pass the rules that objects
 * written by hand have to pass; what they find is said of the Gloo object.
 */
export function standing(claims: readonly Translated[], written: ConfigObject | undefined): Standing {
  const [first, ...others] = [...claims].sort((a, b) => byAge(parentOf(a), parentOf(b)));
  if (first === undefined) return { issues: [] };
  if (written !== undefined) return { issues: claims.map((claim) => handWritten(claim, written)) };
  const findings = findingsOn(first);
  const refused = findings.some(({ severity }) => severity === 'error');
  return { ...(refused ? {} : { accepted: first }), issues: [...findings, ...others.map((other) => taken(other, first))] };
}

/** A translated object is as old as its parent; its name breaks ties. */
function parentOf({ object }: Translated): ConfigObject {
  return { ...object, key: object.translatedFrom ?? object.key };
}

/** What refuses the object is said of the Gloo object; everything else is found on the object itself, as later stages find things. */
function findingsOn(translated: Translated): Issue[] {
  const { key, labels, annotations, spec } = translated.object;
  const said = checkSpec(key.kind, spec, { ...key, labels, annotations }).filter((one) => !isMeant(key.kind, one));
  return said.map(({ code, severity, message, hint, field }): Issue => {
    const about = { code, severity, ...(hint === undefined ? {} : { hint }) };
    if (severity !== 'error') return { ...about, message, object: key, field };
    return { ...about, message: `the ${key.kind} made from it is refused: ${message}`, ...placeOf(translated, field) };
  });
}

/** A rule that selects all workloads: nobody who writes one by hand wants that, we do where TLS names a credential. */
function isMeant(kind: Kind, { code, field }: Finding): boolean {
  return kind === 'DestinationRule' && code === 'INEFFECTIVE' && field.join('.') === 'spec.workloadSelector';
}

function handWritten({ object: { key, translatedFrom } }: Translated, { origin }: ConfigObject): Issue {
  return {
    code: 'DUPLICATE_OBJECT',
    severity: 'warning',
    object: translatedFrom ?? key,
    message: `${key.kind} ${key.namespace}/${key.name}, which it stands for, is also written by hand at ${origin.path}:${origin.line}:${origin.column}, and that one counts`,
    hint: 'remove the one written by hand, or give it another name',
  };
}

function taken(other: Translated, first: Translated): Issue {
  const { key } = other.object;
  const winner = first.object.translatedFrom ?? first.object.key;
  return {
    code: 'DUPLICATE_OBJECT',
    severity: 'error',
    ...placeOf(other, ['metadata', 'name']),
    message: `${key.kind} ${key.namespace}/${key.name}, which it stands for, is already made from ${objectId(winner)}, which is older`,
    hint: 'give one of the two another name',
  };
}

function placeOf(translated: Translated, field: FieldPath): Pick<Issue, 'object' | 'field'> {
  const source = sourceOf(translated, field);
  return source.field.length === 0 ? { object: source.object } : source;
}
