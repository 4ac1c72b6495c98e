import { type DescField, type DescMessage, type DescOneof, ScalarType } from '@bufbuild/protobuf';
import fc from 'fast-check';

type Init = Record<string, unknown>;

/** What a message of this type can be made from, any of its fields set; `depth`: how far messages stand inside each other. */
export function randomInit(schema: DescMessage, depth = 3): fc.Arbitrary<Init> {
  const members = schema.members.filter((member) => depth > 0 || isLeaf(member));
  if (members.length === 0) return fc.constant({});
  return fc
    .subarray(members, { maxLength: Math.min(6, members.length) })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(chosen.map((member) => [member.localName, memberValue(member, depth)])) as Record<string, never>,
      ),
    );
}

function isLeaf(member: DescField | DescOneof): boolean {
  return member.kind === 'oneof' ? member.fields.every(isLeaf) : member.message === undefined;
}

function memberValue(member: DescField | DescOneof, depth: number): fc.Arbitrary<unknown> {
  if (member.kind === 'oneof')
    return fc.oneof(
      fc.constant({ case: undefined }),
      ...member.fields.map((field) => singular(field, depth).map((value) => ({ case: field.localName, value }))),
    );
  switch (member.fieldKind) {
    case 'list':
      return fc.array(singular(member, depth), { maxLength: 3 });
    case 'map':
      return fc.dictionary(keys(member.mapKey), singular(member, depth), { maxKeys: 3 });
    default:
      return fc.oneof(fc.constant(undefined), singular(member, depth));
  }
}

function singular(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return messages(field, field.message, depth);
  if (field.enum !== undefined) return fc.constantFrom(...field.enum.values.map(({ number }) => number));
  return scalars(field.scalar as ScalarType);
}

function messages(field: DescField, message: DescMessage, depth: number): fc.Arbitrary<unknown> {
  const value = message.fields.find(({ name }) => name === 'value');
  const isWrapper = message.file.name === 'google/protobuf/wrappers' && value !== undefined;
  if (isWrapper && field.fieldKind === 'message' && field.oneof === undefined) return scalars(value.scalar as ScalarType);
  if (message.typeName === 'google.protobuf.Struct' && field.parent.typeName !== 'google.protobuf.Value')
    return fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
  return randomInit(message, depth - 1);
}

function keys(type: ScalarType): fc.Arbitrary<string> {
  return type === ScalarType.STRING ? fc.string() : scalars(type).map(String);
}

function scalars(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ minLength: 100, maxLength: 300 }));
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 200 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.DOUBLE:
      return fc.double();
    case ScalarType.FLOAT:
      return fc.float();
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.bigInt(0n, 2n ** 64n - 1n);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.nat(2 ** 32 - 1);
    default:
      return fc.integer();
  }
}
