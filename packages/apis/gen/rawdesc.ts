/**
 * Reads the serialised FileDescriptorProto out of the source of a `.pb.go` file. protoc-gen-go has written it in two forms:
 *
 *     const file_a_b_proto_rawDesc = "" + "\n" + "\x0ea/b.proto…"     since 1.36.6
 *     var file_a_b_proto_rawDesc = []byte{ 0x0a, 0x0e, … }            before
 */
export function readRawDesc(goSource: string): Uint8Array {
  const start = /^(?:const|var) file_\w+_rawDesc = (?=""|\[\]byte\{)/m.exec(goSource);
  if (start === null) throw new Error('no _rawDesc in either of the two known forms');
  const rest = goSource.slice(start.index + start[0].length);
  return rest.startsWith('"') ? readStrings(rest) : readByteSlice(rest);
}

function readByteSlice(text: string): Uint8Array {
  const body = text.slice('[]byte{'.length, text.indexOf('}'));
  return Uint8Array.from(body.matchAll(/0x([0-9a-f]{2})/g), (m) => Number.parseInt(m[1]!, 16));
}

function readStrings(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  const literal = /"((?:[^"\\\n]|\\.)*)"(\s*\+\s*)?/y;
  for (;;) {
    const match = literal.exec(text);
    if (match === null) throw new Error(`expected a string literal at «${text.slice(0, 40)}»`);
    parts.push(unquote(match[1]!));
    if (match[2] === undefined) return Buffer.concat(parts);
  }
}

const simple: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

const anyEscape = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g;

/** A Go string is bytes: `\x9a` is one byte, while a plain `ň` in the source stands for the two bytes of its UTF-8 form. */
function unquote(literal: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const found of literal.matchAll(anyEscape)) {
    parts.push(Buffer.from(literal.slice(at, found.index)));
    at = found.index + found[0].length;
    const [, hex, octal, u4, u8, letter] = found;
    if (hex !== undefined) parts.push(Uint8Array.of(Number.parseInt(hex, 16)));
    else if (octal !== undefined) parts.push(Uint8Array.of(Number.parseInt(octal, 8)));
    else if (letter === undefined) parts.push(Buffer.from(String.fromCodePoint(Number.parseInt((u4 ?? u8)!, 16))));
    else if (simple[letter] !== undefined) parts.push(Uint8Array.of(simple[letter]));
    else throw new Error(`unknown escape ${found[0]}`);
  }
  parts.push(Buffer.from(literal.slice(at)));
  return Buffer.concat(parts);
}
