import { parseDuration } from '../../lib/duration.ts';
import type { WorkloadSelector } from '../../model/index.ts';
import { type Finding, invalid, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { isDnsLabel } from './names.ts';

/** Durations are at least 1ms and whole milliseconds (spec/istio.md 2.7). */
export function* checkDuration(text: string | undefined, field: Path): Iterable<Finding> {
  const nanoseconds = text === undefined ? undefined : parseDuration(text);
  if (nanoseconds === undefined) return;
  if (nanoseconds < 1_000_000) yield invalid(field, `${shown(text)} is shorter than 1ms`, 'write a duration of at least 1ms');
  else if (nanoseconds % 1_000_000 !== 0)
    yield invalid(field, `${shown(text)} is no whole number of milliseconds`, 'round it to milliseconds');
}

export function* checkPortNumber(number: number, field: Path): Iterable<Finding> {
  if (number < 1 || number > 65535) yield invalid(field, `${number} is no port number`, 'write a number from 1 to 65535');
}

/** Selector of ServiceEntry and Sidecar: equality only, no wildcards (Istio's ValidateWorkloadSelector). */
export function* checkSelector(selector: WorkloadSelector | undefined, field: Path): Iterable<Finding> {
  for (const [key, value] of Object.entries(selector?.labels ?? {})) {
    if (key === '')
      yield invalid([...field, 'labels'], 'a label without a name cannot be selected', 'write the name before the colon');
    if (key.includes('*') || value.includes('*'))
      yield invalid(
        [...field, 'labels', key],
        `a selector knows no wildcard, found ${shown(`${key}: ${value}`)}`,
        'write the full name and value',
      );
  }
}

/** `exportTo` of every kind; `~` (nobody) is for ServiceEntry alone (spec/istio.md 1.3, 15). */
export function* checkExportTo(
  exportTo: readonly string[] | undefined,
  ownNamespace: string,
  { nobody = false }: { readonly nobody?: boolean } = {},
): Iterable<Finding> {
  if (exportTo === undefined) return;
  const field: Path = ['spec', 'exportTo'];
  const seen = new Set<string>();
  for (const [i, entry] of exportTo.entries()) {
    const namespace = entry === '.' ? ownNamespace : entry;
    if (seen.has(namespace)) yield invalid([...field, i], `${shown(entry)} stands there twice`, 'keep one');
    seen.add(namespace);
    const word = entry === '*' || entry === '.' || (nobody && entry === '~');
    if (!word && !isDnsLabel(entry))
      yield invalid(
        [...field, i],
        `${shown(entry)} is no namespace`,
        `write a namespace, "." for this one, or "*" for all${nobody ? ', or "~" for nobody' : ''}`,
      );
  }
  if (exportTo.length > 1 && (seen.has('*') || (nobody && seen.has('~')))) {
    const word = seen.has('*') ? '*' : '~';
    yield invalid(field, `${shown(word)} stands beside other namespaces`, `keep only "${word}", or only the namespaces`);
  }
}

/** A selector without labels selects everything in the namespace, which is rarely meant. */
export function* warnSelectsAll(selector: WorkloadSelector | undefined, field: Path, what: string): Iterable<Finding> {
  if (selector !== undefined && Object.keys(selector.labels ?? {}).length === 0)
    yield warn(
      'INEFFECTIVE',
      field,
      `the selector has no labels, so it applies to all ${what} of the namespace`,
      'add labels, or leave the selector out',
    );
}
