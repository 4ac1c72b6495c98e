import { structural } from '../collection/index.ts';
import { closest } from '../lib/closest.ts';
import type { ConfigObject, ObjectKey } from '../model/index.ts';
import { type Finding, invalid, shown, warn } from './finding.ts';
import { type ActedOn, type KindRow, versionOf } from './kinds/row.ts';
import { findKind, isGloo, kinds, namesakes } from './kinds/table.ts';
import { keyOf, type Metadata, readMetadata } from './metadata.ts';
import { isMapping, normalise } from './normalise.ts';
import { placeholdersIn } from './placeholders.ts';
import { schemaFindings } from './schema.ts';

/** A decoded object before it is known where it stands in the file and how old it is. */
export interface Draft extends Omit<ConfigObject, 'createdAt' | 'origin'> {
  /** Absent unless the document says it. */
  readonly createdAt?: number;
}

/** What one document turns out to be. With an error among the findings there is no draft. */
export interface Judgement {
  readonly draft?: Draft;
  /** Who the object is, as far as it can be told. */
  readonly key?: ObjectKey;
  readonly findings: readonly Finding[];
}

/**
 * Judges the value of one document on its own, as istiod does: identity, schema, then the rules of the kind
 * (spec/istio.md 1.3, 2.7, 9). Unknown fields are left out with a warning.
 */
export function judge(value: unknown, defaultNamespace: string): Judgement {
  if (!isMapping(value)) return { findings: [notObject(value)] };
  const { kind, apiVersion } = value;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string' || kind === '' || apiVersion === '')
    return { findings: incomplete(value) };
  const { group, version } = versionOf(apiVersion);
  const row = findKind(group, kind);
  if (row === undefined) return { findings: [unknownKind(kind, group, apiVersion)] };
  const { metadata, findings } = readMetadata(row, value['metadata'], defaultNamespace);
  const key = keyOf(row, metadata);
  const identity = key === undefined ? {} : { key };
  if (!row.versions.includes(version)) return { ...identity, findings: [unservedVersion(row, version)] };
  if (!row.use.acted) {
    const message = `${kind} is not acted on: ${row.use.because}`;
    return { ...identity, findings: [{ code: 'NOT_ACTED_ON', severity: row.use.severity, field: ['kind'], message }] };
  }
  const left = row.use.withoutSpec === true ? [] : [...placeholdersIn(value, isGloo(row) ? 'error' : 'warning')];
  const read = [...findings];
  const spec = readSpec(row.use, value, metadata, read);
  const all = [...left, ...read.filter(({ field }) => !left.some((one) => structural(one.field, field)))];
  if (key === undefined || all.some((finding) => finding.severity === 'error')) return { ...identity, findings: all };
  const { labels, annotations, createdAt } = metadata;
  const { status } = value;
  const draft: Draft = {
    key,
    apiVersion,
    labels,
    annotations,
    spec,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(status === undefined || status === null ? {} : { status }),
  };
  return { draft, key, findings: all };
}

const AROUND_SPEC: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);

function readSpec(use: ActedOn, value: Readonly<Record<string, unknown>>, metadata: Metadata, findings: Finding[]): unknown {
  const closed = use.schema.additionalProperties === false;
  const fields = Object.entries(value).filter(([name]) => !AROUND_SPEC.has(name));
  if (closed) for (const [name] of fields) if (name !== 'spec') findings.push({ ...unknownTopLevel(name), severity: 'error' });
  const given = use.withoutSpec === true ? Object.fromEntries(fields) : (value['spec'] ?? {});
  const spec = normalise(use.schema, given, ['spec'], (finding) => findings.push(finding));
  const mistakes = schemaFindings(use.schema, spec, ['spec']);
  findings.push(...mistakes);
  if (mistakes.length === 0 && use.rule !== undefined) findings.push(...use.rule(spec as never, metadata));
  return spec;
}

function unknownTopLevel(name: string): Finding {
  const near = closest(name, ['spec', 'metadata', 'status']);
  const hint = name.startsWith('---')
    ? 'a separator is a line of exactly three dashes: ---'
    : near === undefined
      ? 'it probably belongs under `spec`'
      : `did you mean \`${near}\`?`;
  return warn('UNKNOWN_FIELD', [name], `unknown field \`${name}\``, hint);
}

function notObject(value: unknown): Finding {
  const list = Array.isArray(value);
  return {
    code: 'DOCUMENT_NOT_OBJECT',
    severity: 'error',
    field: [],
    message: `the document is ${list ? 'a list' : `the ${typeof value === 'string' ? 'text' : typeof value} ${shown(value)}`}, not an object`,
    hint: list
      ? 'write the objects one after the other, separated by ---, or as items of kind: List'
      : 'write apiVersion, kind, metadata and spec',
  };
}

function* incompleteParts(value: Readonly<Record<string, unknown>>): Iterable<Finding> {
  for (const name of ['apiVersion', 'kind']) {
    const given = value[name];
    if (typeof given === 'string' && given !== '') continue;
    if (given !== undefined && given !== null && given !== '') {
      yield invalid([name], `${shown(given)} is no text`, 'put it in quotes');
      continue;
    }
    const near = closest(name, Object.keys(value));
    yield {
      code: 'DOCUMENT_INCOMPLETE',
      severity: 'error',
      field: near === undefined ? [] : [near],
      side: 'key',
      message: `the document has no \`${name}\``,
      hint:
        near === undefined
          ? `write it first, for example ${name === 'kind' ? 'kind: ServiceEntry' : 'apiVersion: networking.istio.io/v1'}`
          : `did you mean \`${name}\` instead of \`${near}\`?`,
    };
  }
}

function incomplete(value: Readonly<Record<string, unknown>>): readonly Finding[] {
  return [...incompleteParts(value)];
}

/** A kind of a foreign API group is somebody else's; one in a group that is known is most likely misspelt. */
function unknownKind(kind: string, group: string, apiVersion: string): Finding {
  const twin = namesakes(kind)[0];
  const ofGroup = kinds.filter((row) => row.group === group);
  const near = closest(kind, ofGroup.length > 0 ? ofGroup.map((row) => row.kind) : kinds.map((row) => row.kind));
  const hint =
    twin !== undefined
      ? `did you mean apiVersion: ${twin.group === '' ? '' : `${twin.group}/`}${twin.versions[0]}?`
      : near === undefined
        ? undefined
        : `did you mean ${near}?`;
  return {
    code: 'UNKNOWN_KIND',
    severity: hint === undefined ? 'warning' : 'error',
    field: [twin === undefined ? 'kind' : 'apiVersion'],
    message: `${apiVersion} has no kind ${kind} that is known here`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function unservedVersion(row: KindRow, version: string): Finding {
  const prefix = row.group === '' ? '' : `${row.group}/`;
  return {
    code: 'UNSUPPORTED_VERSION',
    severity: row.use.acted ? 'error' : 'warning',
    field: ['apiVersion'],
    message: `${row.kind} has no version ${version}`,
    hint: `write ${row.versions.map((one) => prefix + one).join(' or ')}`,
  };
}

/** Whether an object could be made of this document. */
export function isAccepted(judgement: Judgement): judgement is Judgement & { readonly draft: Draft; readonly key: ObjectKey } {
  return judgement.draft !== undefined;
}
