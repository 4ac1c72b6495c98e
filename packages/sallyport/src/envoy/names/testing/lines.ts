import { fromBinary, toJson } from '@bufbuild/protobuf';
import { NameTableSchema } from '@sallyport/apis/nds';

/** One line of a name table as JSON, empty fields left out. */
export interface Line {
  readonly ips: readonly string[];
  readonly registry: string;
  readonly shortname?: string;
  readonly namespace?: string;
}

/** A name table as agents read it, by host. */
export function linesOf(bytes: Uint8Array): Readonly<Record<string, Line>> {
  const json = toJson(NameTableSchema, fromBinary(NameTableSchema, bytes)) as { readonly table?: Record<string, Line> };
  return json.table ?? {};
}
