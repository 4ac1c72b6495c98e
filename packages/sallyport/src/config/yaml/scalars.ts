import { Buffer } from 'node:buffer';
import {
  boolYaml11Tag,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
} from 'js-yaml';

const DIGITS_AND_SIGNS = [...'0123456789+-'];
const INTEGER = /^([-+]?)(?:0b([01]+)|0o([0-7]+)|0x([0-9a-fA-F]+)|0([0-7]+)|(0|[1-9][0-9]*))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const BEYOND_NUMBERS: Readonly<Record<string, number>> = {
  '.inf': Number.POSITIVE_INFINITY,
  '+.inf': Number.POSITIVE_INFINITY,
  '-.inf': Number.NEGATIVE_INFINITY,
  '.nan': Number.NaN,
};

/** An integer as Kubernetes reads it: `0x50`, `0b1`, `0o17` and the old `017` are numbers, `1:20` is text. */
export function readInteger(text: string): number | undefined {
  const found = INTEGER.exec(text.replaceAll('_', ''));
  if (found === null) return undefined;
  const [, sign, binary, octal, hexadecimal, oldOctal, decimal] = found;
  const size =
    binary !== undefined
      ? Number.parseInt(binary, 2)
      : hexadecimal !== undefined
        ? Number.parseInt(hexadecimal, 16)
        : decimal !== undefined
          ? Number(decimal)
          : Number.parseInt(octal ?? oldOctal ?? '', 8);
  return sign === '-' ? -size : size;
}

const integerTag = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: DIGITS_AND_SIGNS,
  resolve: (text) => readInteger(text) ?? NOT_RESOLVED,
  identify: (value) => typeof value === 'number' && Number.isInteger(value),
});

const floatTag = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: [...DIGITS_AND_SIGNS, '.'],
  resolve: (text) => {
    const plain = text.replaceAll('_', '');
    if (FLOAT.test(plain)) return Number(plain);
    return BEYOND_NUMBERS[text.toLowerCase()] ?? NOT_RESOLVED;
  },
  identify: (value) => typeof value === 'number',
});

const binaryTag = defineScalarTag<string>('tag:yaml.org,2002:binary', {
  resolve: (text) => Buffer.from(text.replaceAll(/\s/g, ''), 'base64').toString(),
  identify: () => false,
});

const mapping = { create: mapTag.create, addPair: mapTag.addPair, has: mapTag.has, keys: mapTag.keys, get: mapTag.get };
const setTag = defineMappingTag<Record<string, unknown>>('tag:yaml.org,2002:set', { ...mapping, identify: () => false });

/** Tags of the user's own say nothing to Kubernetes: the value counts. */
const foreign = [
  defineScalarTag<string>('!', { matchByTagPrefix: true, resolve: (text) => text, identify: () => false }),
  defineMappingTag<Record<string, unknown>>('!', { ...mapping, matchByTagPrefix: true, identify: () => false }),
  defineSequenceTag<unknown[]>('!', {
    matchByTagPrefix: true,
    create: seqTag.create,
    addItem: seqTag.addItem,
    identify: () => false,
  }),
];

/**
 * YAML 1.1 as Kubernetes and istiod read it (spec/istio.md 9, measured in conformance/validate/yaml-syntax.json): `y`, `on` and `yes`
 * are booleans, `0120` is 80, dates and sexagesimal numbers stay text.
 */
export const KUBERNETES_YAML = new Schema([
  strTag,
  seqTag,
  mapTag,
  nullYaml11Tag,
  boolYaml11Tag,
  integerTag,
  floatTag,
  mergeTag,
  binaryTag,
  setTag,
  ...foreign,
]);
