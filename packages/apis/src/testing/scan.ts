import { fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';

/**
 * Finds the descriptors that protobuf embeds in a program, one constant for each `.proto` file. Envoy 1.40 has 102 of its 559
 * files twice, presumably for itself and for the gRPC library in it; all copies are given, as nothing says which one is in use.
 *
 * Nothing says where such a constant begins or ends. It begins with field 1, the file's own name, so every `.proto` in the
 * program is looked at: is it preceded by that tag and its length? It ends where no field of a FileDescriptorProto follows in
 * ascending order, which the padding after it and the name that begins the next one both fulfil.
 */
export function embeddedDescriptors(program: Buffer): Map<string, FileDescriptorProto[]> {
  const found = new Map<string, FileDescriptorProto[]>();
  for (let at = program.indexOf('.proto'); at !== -1; at = program.indexOf('.proto', at + 1)) {
    const start = startOfName(program, at + '.proto'.length);
    if (start === undefined) continue;
    const file = parse(program.subarray(start, endOfDescriptor(program, start)));
    // The same name can stand in test strings and the like; a real descriptor has more than a name.
    if (file !== undefined && (file.package !== '' || file.messageType.length > 0)) {
      found.set(file.name, [...(found.get(file.name) ?? []), file]);
    }
  }
  return found;
}

const nameTag = 0x0a;
const longestName = 250;

function startOfName(program: Buffer, end: number): number | undefined {
  for (let length = '.proto'.length + 1; length < longestName; length++) {
    const prefix = length < 128 ? [nameTag, length] : [nameTag, (length & 127) | 128, length >> 7];
    const start = end - length - prefix.length;
    if (start < 0 || !isNameByte(program[end - length]!)) return undefined;
    if (prefix.every((byte, i) => program[start + i] === byte)) return start;
  }
  return undefined;
}

/** Letters, digits, and `_ - . /`. */
function isNameByte(byte: number): boolean {
  return (byte >= 45 && byte <= 57) || (byte >= 65 && byte <= 90) || byte === 95 || (byte >= 97 && byte <= 122);
}

/** Field numbers of FileDescriptorProto by wire type: 0 a varint, 2 a length and that many bytes. */
const fields: Readonly<Record<number, readonly number[]>> = { 0: [10, 11, 14], 2: [1, 2, 3, 4, 5, 6, 7, 8, 9, 12] };

function endOfDescriptor(program: Buffer, start: number): number {
  let at = start;
  let previous = 0;
  for (;;) {
    const tag = readVarint(program, at);
    const field = tag.value >> 3;
    const once = field === 1 || field === 2 || field === 8 || field >= 12;
    if (!fields[tag.value & 7]?.includes(field) || field < previous || (once && field === previous)) return at;
    const value = readVarint(program, tag.next);
    at = (tag.value & 7) === 2 ? value.next + value.value : value.next;
    previous = field;
  }
}

function readVarint(program: Buffer, start: number): { value: number; next: number } {
  let value = 0;
  for (let at = start, shift = 1; at < start + 5; at++, shift *= 128) {
    const byte = program[at] ?? 0;
    value += (byte & 127) * shift;
    if (byte < 128) return { value, next: at + 1 };
  }
  return { value: 0, next: start };
}

function parse(bytes: Uint8Array): FileDescriptorProto | undefined {
  try {
    return fromBinary(FileDescriptorProtoSchema, bytes);
  } catch {
    return undefined;
  }
}
