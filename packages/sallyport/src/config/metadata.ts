import { closest } from '../lib/closest.ts';
import type { Kind, ObjectKey } from '../model/index.ts';
import { type Finding, invalid, missing, shown } from './finding.ts';
import { type KindRow, keyKind } from './kinds/row.ts';
import { isMapping } from './normalise.ts';

/** What is read of an object's `metadata`. */
export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, if the object says when it was created. */
  readonly createdAt?: number;
}

const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const REJECTED = 'internal.istio.io/webhook-always-reject';
const PARENTS = ['internal.istio.io/parents', 'internal.istio.io/parent-namespace'];
const DRY_RUN = 'istio.io/dry-run';

/** Reads `metadata`; with errors among the findings the object is refused. */
export function readMetadata(
  row: KindRow,
  value: unknown,
  defaultNamespace: string,
): { readonly metadata: Metadata; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const given = value ?? {};
  if (!isMapping(given)) {
    findings.push(invalid(['metadata'], `${shown(given)} is no mapping`, 'write metadata: {name: ...}'));
    return { metadata: { name: '', namespace: '', labels: {}, annotations: {} }, findings };
  }
  const name = readName(given, findings);
  const namespace = readNamespace(row, given, defaultNamespace, findings);
  const labels = readTexts(given, 'labels', findings);
  const annotations = readTexts(given, 'annotations', findings);
  const createdAt = readTimestamp(given, findings);
  findings.push(...refusedAnnotations(row.kind, annotations));
  return { metadata: { name, namespace, labels, annotations, ...(createdAt === undefined ? {} : { createdAt }) }, findings };
}

/** The key of an object that may not even be valid, as far as it can be told. */
export function keyOf(row: KindRow, metadata: Metadata): ObjectKey | undefined {
  return metadata.name === '' ? undefined : { kind: keyKind(row), namespace: metadata.namespace, name: metadata.name };
}

function readName(metadata: Readonly<Record<string, unknown>>, findings: Finding[]): string {
  const name = metadata['name'];
  const field = ['metadata', 'name'];
  if (name === undefined || name === null || name === '') {
    const near = closest('name', Object.keys(metadata));
    const generated = metadata['generateName'] !== undefined;
    findings.push(
      missing(
        field,
        'the object has no name',
        generated
          ? '`generateName` only works with an API server; write `name`'
          : near === undefined
            ? 'write metadata: {name: ...}'
            : `did you mean \`name\` instead of \`${near}\`?`,
      ),
    );
    return '';
  }
  if (typeof name !== 'string') {
    findings.push(invalid(field, `${shown(name)} is no text`, 'put it in quotes'));
    return '';
  }
  if (name.length > 253 || !SUBDOMAIN.test(name)) {
    findings.push(
      invalid(field, `${shown(name)} is no object name`, 'use lower-case letters, digits, dashes and dots, at most 253'),
    );
    return SAFE_NAME.test(name) ? name : '';
  }
  return name;
}

/** Refused names that can still be shown and compared. */
const SAFE_NAME = /^[\w.-]{1,253}$/;

function readNamespace(row: KindRow, metadata: Readonly<Record<string, unknown>>, standard: string, findings: Finding[]): string {
  if (row.scope === 'Cluster') return '';
  const namespace = metadata['namespace'];
  if (namespace === undefined || namespace === null || namespace === '') return standard;
  if (typeof namespace === 'string' && namespace.length <= 63 && DNS_LABEL.test(namespace)) return namespace;
  findings.push(
    typeof namespace === 'string'
      ? invalid(
          ['metadata', 'namespace'],
          `${shown(namespace)} is no namespace`,
          'use lower-case letters, digits and dashes, at most 63',
        )
      : invalid(['metadata', 'namespace'], `${shown(namespace)} is no text`, 'put it in quotes'),
  );
  return standard;
}

function readTexts(
  metadata: Readonly<Record<string, unknown>>,
  field: 'labels' | 'annotations',
  findings: Finding[],
): Record<string, string> {
  const given = metadata[field] ?? {};
  const texts: Record<string, string> = {};
  if (!isMapping(given)) {
    findings.push(invalid(['metadata', field], `${shown(given)} is no mapping`, 'write name: value'));
    return texts;
  }
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string') texts[name] = value;
    else if (value !== null) findings.push(invalid(['metadata', field, name], `${shown(value)} is no text`, 'put it in quotes'));
  }
  return texts;
}

function readTimestamp(metadata: Readonly<Record<string, unknown>>, findings: Finding[]): number | undefined {
  const given = metadata['creationTimestamp'];
  if (given === undefined || given === null || given === '') return undefined;
  const time = typeof given === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isFinite(time)) return time;
  findings.push(invalid(['metadata', 'creationTimestamp'], `${shown(given)} is no time`, 'for example 2024-01-01T00:00:00Z'));
  return undefined;
}

/** Annotations that Istio refuses on every kind acted on here (spec/istio.md 1.3). */
function* refusedAnnotations(kind: Kind, annotations: Readonly<Record<string, string>>): Iterable<Finding> {
  if (annotations[DRY_RUN] !== undefined && kind !== 'AuthorizationPolicy')
    yield invalid(
      ['metadata', 'annotations', DRY_RUN],
      'only an AuthorizationPolicy can be tried without effect',
      'remove the annotation',
    );
  if (annotations[REJECTED] !== undefined)
    yield invalid(
      ['metadata', 'annotations', REJECTED],
      'the annotation asks for the object to be refused',
      'remove the annotation',
    );
  for (const name of PARENTS.filter((one) => annotations[one] !== undefined))
    yield invalid(['metadata', 'annotations', name], 'the annotation is for Istio itself to set', 'remove the annotation');
}
