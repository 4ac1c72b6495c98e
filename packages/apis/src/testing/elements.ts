import { isFieldSet } from '@bufbuild/protobuf';
import type { DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FieldDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/** All that matters on the wire and in JSON, a line for each: name of message, field or enum value, to what it is. */
export function elements(file: FileDescriptorProto): Map<string, string> {
  const found = new Map<string, string>();
  const addEnum = (scope: string, e: EnumDescriptorProto): void => {
    found.set(`${scope}.${e.name}`, 'enum');
    for (const value of e.value) found.set(`${scope}.${e.name}.${value.name}`, `${value.number}`);
  };
  const addMessage = (scope: string, message: DescriptorProto): void => {
    const name = `${scope}.${message.name}`;
    found.set(name, message.options?.mapEntry ? 'map entry' : 'message');
    for (const field of message.field) found.set(`${name}.${field.name}`, describeField(field, message));
    for (const nested of message.nestedType) addMessage(name, nested);
    for (const nested of message.enumType) addEnum(name, nested);
  };
  for (const message of file.messageType) addMessage(file.package, message);
  for (const e of file.enumType) addEnum(file.package, e);
  return found;
}

function describeField(field: FieldDescriptorProto, message: DescriptorProto): string {
  const words = [
    `${field.number}`,
    FieldDescriptorProto_Label[field.label],
    field.typeName === '' ? FieldDescriptorProto_Type[field.type] : `${FieldDescriptorProto_Type[field.type]} ${field.typeName}`,
  ];
  if (field.proto3Optional) words.push('optional');
  // 0 is the first oneof, so presence cannot be read off the number.
  else if (isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex))
    words.push(`oneof ${message.oneofDecl[field.oneofIndex]?.name}`);
  return words.join(' ');
}

/** What `ours` has and a copy of `theirs` has not, or has otherwise. More in theirs is no difference: a newer Envoy adds. */
export function differences(ours: FileDescriptorProto, theirs: readonly FileDescriptorProto[]): string[] {
  const mine = elements(ours);
  // Some files only import others publicly. No C++ code refers to them, so the linker leaves them out.
  if (mine.size === 0) return [];
  if (theirs.length === 0) return [`${ours.name}: not in the program`];
  return theirs
    .map(elements)
    .flatMap((other) =>
      [...mine]
        .filter(([name, what]) => other.get(name) !== what)
        .map(([name, what]) => `${name}: ${what} here, ${other.get(name) ?? 'nothing'} in the program`),
    );
}
