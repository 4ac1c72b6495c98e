/** A difference from istiod that is meant (design.md section 3), as listed in docs/differences.json. */
export interface Difference {
  /** What we do, in one sentence. */
  readonly rule: string;
  readonly reason: string;
  /** The test that holds us to it. */
  readonly test: string;
  /** Ids of the vectors it concerns: `scenarios/<scenario>/<run>/<call>`, and so on; `*` stands for anything. */
  readonly vectors: readonly string[];
  /** The fields that may differ there, with `*` likewise; in any other field the vector still counts as disagreeing. */
  readonly fields: readonly string[];
}

/** The difference that explains everything in which a vector differs, if there is one. */
export function intendedBy(
  differences: readonly Difference[],
): (vector: { readonly id: string; readonly differs: readonly string[] }) => Difference | undefined {
  const known = differences.map((difference) => ({
    difference,
    vectors: anyOf(difference.vectors),
    fields: anyOf(difference.fields),
  }));
  return ({ id, differs }) => {
    const fields = differs.map(fieldOf);
    return known.find((k) => k.vectors.test(id) && fields.every((field) => k.fields.test(field)))?.difference;
  };
}

/** Resources differ at paths that are followed by what was found there. */
const fieldOf = (text: string): string => text.split(': ', 1)[0]!;

function anyOf(patterns: readonly string[]): RegExp {
  const texts = patterns.map((text) => text.split('*').map(RegExp.escape).join('.*'));
  return new RegExp(`^(?:${texts.join('|')})$`);
}
