import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { closest } from '../lib/closest.ts';
import { parseDuration } from '../lib/duration.ts';
import { type Finding, invalid, missing, shown } from './finding.ts';
import type { Shape } from './kinds/shape.ts';
import type { Path } from './yaml/position.ts';

const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true, validateSchema: false });
ajv.addFormat('duration', isDuration);
ajv.addFormat('base64', /^[A-Za-z0-9+/_-]*={0,2}$/);
// `normalise` acts on these two before the schema is asked.
ajv.addVocabulary(['exclusive', 'numbers', 'strictNumbers']);

/** Go counts durations in nanoseconds of 64 bits. */
function isDuration(text: string): boolean {
  const nanoseconds = parseDuration(text);
  return nanoseconds !== undefined && Math.abs(nanoseconds) < 2 ** 63;
}

const compiled = new WeakMap<Shape, ValidateFunction>();

/** What of a normalised value does not have the shape. Compiled on first use of a shape. */
export function schemaFindings(shape: Shape, value: unknown, path: Path): readonly Finding[] {
  let validate = compiled.get(shape);
  if (validate === undefined) {
    validate = ajv.compile(shape);
    compiled.set(shape, validate);
  }
  return validate(value) ? [] : (validate.errors ?? []).map((error) => finding(error, path));
}

function finding(error: ErrorObject, root: Path): Finding {
  const path = [...root, ...pointer(error.instancePath)];
  const shape = error.parentSchema as Shape;
  const found = shown(error.data);
  switch (error.keyword) {
    case 'type':
      if (shape.format === 'duration') return invalid(path, `${found} is no duration`, durationHint(error.data));
      return invalid(path, `${found} is no ${typeName(shape)}`, typeHint(shape, error.data));
    case 'enum':
      return invalid(path, `${found} is no known value`, enumHint(shape.enum ?? [], error.data));
    case 'format':
      return shape.format === 'duration'
        ? invalid(path, `${found} is no duration`, durationHint(error.data))
        : invalid(path, `${found} is no base64 text`);
    case 'minimum':
      return invalid(path, `${found} is below ${shape.minimum}`, `write a number of at least ${shape.minimum}`);
    case 'maximum':
      return invalid(path, `${found} is above ${shape.maximum}`, `write a number of at most ${shape.maximum}`);
    case 'required': {
      const name = String(error.params['missingProperty']);
      return missing([...path, name], `\`${name}\` is missing`);
    }
    default:
      return invalid(path, `${found} ${error.message ?? 'is not allowed here'}`);
  }
}

function pointer(text: string): Path {
  return text
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'mapping',
  array: 'list',
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'boolean (true or false)',
};

function typeName(shape: Shape): string {
  return typeof shape.type === 'string' ? (TYPE_NAMES[shape.type] ?? shape.type) : 'whole number or text';
}

function durationHint(value: unknown): string {
  const seconds = /^\d+$/.test(String(value)) ? `${value}s, ` : '';
  return `write a number with a unit, for example ${seconds}1m30s or 100ms`;
}

function typeHint(shape: Shape, value: unknown): string {
  if (shape.type === 'array' && typeof value === 'string') return `start the line with "- ", or write [${value}]`;
  if (shape.type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return 'put it in quotes';
  if (shape.type === 'boolean' && typeof value === 'string') return 'write true or false without quotes';
  return `write a ${typeName(shape)}`;
}

function enumHint(names: readonly string[], value: unknown): string {
  const near = typeof value === 'string' ? closest(value, names) : undefined;
  return near === undefined ? `one of ${names.join(', ')}` : `did you mean ${near}?`;
}
