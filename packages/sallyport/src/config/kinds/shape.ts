/** The JSON Schema of a value. Everything a file of a kind writes is made of the constructors below. */
export interface Shape {
  readonly type: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | readonly ('string' | 'integer')[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly enum?: readonly string[];
  /** Ours: protobuf numbers of the names, where they are not 0, 1, 2, … */
  readonly numbers?: readonly number[];
  /** Ours: numbers that name no value are refused instead of ignored. */
  readonly strictNumbers?: true;
  readonly format?: 'duration' | 'base64';
  readonly minimum?: number;
  readonly maximum?: number;
  /** Ours: of each group at most one field counts, as in a protobuf `oneof`; in the order of the protobuf message. */
  readonly exclusive?: readonly (readonly string[])[];
}

const MAX_UINT32 = 2 ** 32 - 1;
const MAX_INT32 = 2 ** 31 - 1;

/** A protobuf message: known fields only, in camelCase or snake_case. Nothing is required: what must be there is for the rules to say. */
export function message(properties: Readonly<Record<string, Shape>>, ...exclusive: readonly (readonly string[])[]): Shape {
  return { type: 'object', properties, additionalProperties: false, ...(exclusive.length > 0 ? { exclusive } : {}) };
}

/** A Kubernetes object of which only these fields are read; all others pass unseen. */
export function open(properties: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return { type: 'object', properties, additionalProperties: true, ...(required.length > 0 ? { required } : {}) };
}

export const list = (items: Shape): Shape => ({ type: 'array', items });
export const map = (values: Shape): Shape => ({ type: 'object', additionalProperties: values });
/** An enum; unless `numbers` says otherwise the position of a name is its protobuf number. */
export const choice = (...names: readonly string[]): Shape => ({ type: 'string', enum: names });
/** An enum that Istio's validation switches over, so that an unknown number is an error. */
export const strictChoice = (...names: readonly string[]): Shape => ({ ...choice(...names), strictNumbers: true });

export const text: Shape = { type: 'string' };
export const flag: Shape = { type: 'boolean' };
export const double: Shape = { type: 'number' };
export const uint32: Shape = { type: 'integer', minimum: 0, maximum: MAX_UINT32 };
export const uint64: Shape = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
export const int32: Shape = { type: 'integer', minimum: -MAX_INT32 - 1, maximum: MAX_INT32 };
export const duration: Shape = { type: 'string', format: 'duration' };
export const base64: Shape = { type: 'string', format: 'base64' };
export const intOrText: Shape = { type: ['integer', 'string'] };

export const texts: Shape = list(text);
export const labels: Shape = map(text);
