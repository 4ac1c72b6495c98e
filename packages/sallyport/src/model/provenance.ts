import type { FieldPath } from './issue.ts';
import type { ConfigObject, ObjectKey } from './object.ts';

/** One part of a translated object, and the Gloo field that it was made from. */
export interface Provenance {
  /** In the translated object, e.g. `['spec', 'ports', 0, 'number']`; it stands for everything below it, too. */
  readonly field: FieldPath;
  /** The Gloo object. */
  readonly object: ObjectKey;
  /** In the Gloo object. */
  readonly from: FieldPath;
  /** Below `from` the Gloo object has the same fields as the translated one has below `field`. */
  readonly copied?: true;
}

/** An Istio object made from Gloo objects. Its `origin` and `translatedFrom` name the first of them. */
export interface Translated {
  readonly object: ConfigObject;
  /** Where several cover a field, the most exact one counts. */
  readonly provenance: readonly Provenance[];
}

/** Where in which Gloo object a field of a translated object comes from; without any, the Gloo object as a whole. */
export function sourceOf(
  { object, provenance }: Translated,
  field: FieldPath = [],
): { readonly object: ObjectKey; readonly field: FieldPath } {
  let best: Provenance | undefined;
  for (const one of provenance) if (covers(one.field, field) && one.field.length >= (best?.field.length ?? 0)) best = one;
  // A field that stands for several parts is best shown by the first of them.
  best ??= field.length === 0 ? undefined : provenance.find((one) => covers(field, one.field));
  if (best === undefined) return { object: object.translatedFrom ?? object.key, field: [] };
  return { object: best.object, field: best.copied ? [...best.from, ...field.slice(best.field.length)] : best.from };
}

function covers(outer: FieldPath, inner: FieldPath): boolean {
  return outer.length <= inner.length && outer.every((part, i) => part === inner[i]);
}
