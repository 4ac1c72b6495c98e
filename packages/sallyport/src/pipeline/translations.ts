import { printDocument } from '../config/index.ts';
import { compareText, type FieldPath, fieldText, type ObjectKey, type Origin, type Translated } from '../model/index.ts';
import { ISTIO_KINDS } from '../translate/index.ts';
import type { Configuration } from './configuration.ts';
import type { Pipeline } from './index.ts';

/** A part of a translated object, and where the user wrote what it was made from. */
export interface FieldSource {
  readonly field: FieldPath;
  readonly object: ObjectKey;
  readonly from: FieldPath;
  readonly origin?: Origin;
}

/** Everything that was made from Gloo objects: by kind, then namespace and name. */
export function translationsOf({ translate }: Pick<Pipeline, 'translate'>): readonly Translated[] {
  return [...translate.translated.entries()].map(([, one]) => one).sort(byKindAndName);
}

const RANK = new Map<string, number>(ISTIO_KINDS.map((kind, i) => [kind, i]));

function byKindAndName({ object: { key: a } }: Translated, { object: { key: b } }: Translated): number {
  return (
    (RANK.get(a.kind) ?? 0) - (RANK.get(b.kind) ?? 0) || compareText(a.namespace, b.namespace) || compareText(a.name, b.name)
  );
}

/** The object as kubectl would show it: keys in alphabetical order, nothing that says it was translated. */
export function manifestOf({
  object: { key, apiVersion, labels, annotations, spec },
}: Translated): Readonly<Record<string, unknown>> {
  const { kind, name, namespace } = key;
  const metadata = { ...filled('annotations', annotations), ...filled('labels', labels), name, namespace };
  return sorted({ apiVersion, kind, metadata, spec }) as Readonly<Record<string, unknown>>;
}

/** YAML documents, each under a comment that names the Gloo object and its place. */
export function manifestsText(translated: readonly Translated[]): string {
  return translated.map((one) => `# ${parentText(one)}\n${printDocument(manifestOf(one))}`).join('---\n');
}

function parentText({ object: { translatedFrom: parent, origin } }: Translated): string {
  return `${parent?.kind} ${parent?.namespace}/${parent?.name} (${origin.path}:${origin.line})`;
}

/** For each part of a translated object the Gloo field that it came from, in the order of the fields. */
export function fieldSources({ provenance }: Translated, { store }: Pick<Configuration, 'store'>): readonly FieldSource[] {
  const sources = provenance.map(({ field, object, from }): FieldSource => {
    const origin = store.locate(object, from);
    return { field, object, from, ...(origin === undefined ? {} : { origin }) };
  });
  return sources.sort((a, b) => compareText(fieldText(a.field), fieldText(b.field)));
}

function filled(name: string, values: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return Object.keys(values).length === 0 ? {} : { [name]: values };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
