import { closest } from '../lib/closest.ts';
import { type Finding, shown, warn } from './finding.ts';
import type { Shape } from './kinds/shape.ts';
import { camelCase, type Path } from './yaml/position.ts';

/**
 * A value in the one spelling that later stages read, as protojson decodes it (spec/istio.md 9): camelCase keys, enum names for numbers,
 * numbers for quoted integers, absent for null. Unknown fields are left out and reported. What has the wrong type stays as it is:
 * the schema says so afterwards.
 */
export function normalise(shape: Shape, value: unknown, path: Path, report: (finding: Finding) => void): unknown {
  if (value === null) return empty(shape);
  switch (shape.type) {
    case 'object':
      return isMapping(value) ? normaliseMapping(shape, value, path, report) : value;
    case 'array':
      return Array.isArray(value) && shape.items !== undefined
        ? value.map((item, i) => normalise(shape.items!, item, [...path, i], report))
        : value;
    case 'integer':
      return typeof value === 'string' && /^\s*-?(?:0|[1-9]\d*)\s*$/.test(value) ? Number(value) : value;
    case 'number':
      return typeof value === 'string' && /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?\s*$/.test(value)
        ? Number(value)
        : value;
    case 'string':
      return shape.enum === undefined ? value : enumName(shape, shape.enum, value, path, report);
    default:
      return value;
  }
}

/** What stands for a null inside a list or map; null fields of a message are absent. */
function empty(shape: Shape): unknown {
  switch (shape.type) {
    case 'object':
      return {};
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    default:
      return shape.enum?.[0] ?? '';
  }
}

function normaliseMapping(
  shape: Shape,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  report: (finding: Finding) => void,
): Record<string, unknown> {
  const { properties } = shape;
  const result: Record<string, unknown> = {};
  if (properties === undefined) {
    const values = shape.additionalProperties;
    for (const [key, item] of Object.entries(value)) {
      const made = typeof values === 'object' ? normalise(values, item, [...path, key], report) : item;
      Object.defineProperty(result, key, { value: made, enumerable: true, configurable: true, writable: true });
    }
    return result;
  }
  const closed = shape.additionalProperties === false;
  for (const [key, item] of Object.entries(value)) {
    const name = Object.hasOwn(properties, key) ? key : closed ? camelCase(key) : key;
    if (!Object.hasOwn(properties, name)) {
      if (closed) report(unknownField([...path, key], key, Object.keys(properties)));
      else if (name !== '__proto__') result[name] = item;
      continue;
    }
    // The camelCase spelling wins when both are given.
    if (item === null || (name !== key && value[name] !== undefined && value[name] !== null)) continue;
    const made = normalise(properties[name]!, item, [...path, key], report);
    if (made !== undefined) result[name] = made;
  }
  for (const group of shape.exclusive ?? []) keepOne(group, result, path, report);
  return result;
}

/** Of a `oneof` the last in the order of the message counts when istiod decodes it; the Kubernetes API server refuses the object. */
function keepOne(
  group: readonly string[],
  result: Record<string, unknown>,
  path: Path,
  report: (finding: Finding) => void,
): void {
  const given = group.filter((name) => Object.hasOwn(result, name));
  const counts = given.at(-1);
  if (given.length < 2 || counts === undefined) return;
  const names = given.map((name) => `\`${name}\``).join(' and ');
  report(warn('INEFFECTIVE', [...path, given[0]!], `${names} exclude each other; only \`${counts}\` counts`, 'keep one of them'));
  for (const name of given) if (name !== counts) delete result[name];
}

function unknownField(path: Path, key: string, known: readonly string[]): Finding {
  const near = closest(key, known);
  return warn(
    'UNKNOWN_FIELD',
    path,
    `unknown field \`${key}\`, which is ignored`,
    near === undefined ? `known here: ${listed(known)}` : `did you mean \`${near}\`?`,
  );
}

function listed(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ');
}

/** Numbers that name nothing have no effect in Istio and none here. */
function enumName(
  shape: Shape,
  names: readonly string[],
  value: unknown,
  path: Path,
  report: (finding: Finding) => void,
): unknown {
  if (typeof value !== 'number') return value;
  const name = names[shape.numbers === undefined ? value : shape.numbers.indexOf(value)];
  if (name !== undefined) return name;
  if (shape.strictNumbers || !Number.isInteger(value) || Math.abs(value) > 2 ** 31) return value;
  report(
    warn(
      'INVALID_VALUE',
      path,
      `${shown(value)} is the number of no value and counts as ${names[0]}`,
      `one of ${names.join(', ')}`,
    ),
  );
  return undefined;
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
