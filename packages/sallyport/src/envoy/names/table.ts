import { NameInfoSchema } from '@sallyport/apis/nds';
import { contentHash } from '../../lib/hash.ts';
import { compareText, type Resource } from '../../model/index.ts';
import { encode, joined, resourceOf, versionOf } from '../encode.ts';
import type { NameEntry } from './host-names.ts';

/** A proxy has one name table; Istio's has no name at all, and its agents look at none. */
export const NAME_TABLE = 'nameTable';

/** A line of a name table, encoded once for both forms that agents are sent. */
export interface EncodedName extends Pick<NameEntry, 'host' | 'registry'> {
  /** As a table of one line: tables that follow each other are one table. */
  readonly bytes: Uint8Array;
  /** What the line says of its host: the end of `bytes`. */
  readonly info: Uint8Array;
}

const NOTHING = new Uint8Array();
const text = new TextEncoder();

export function encodeName({ host, ips, registry, shortname, namespace }: NameEntry): EncodedName {
  const said = encode(NameInfoSchema, { ips: [...ips], registry, shortname, namespace });
  // An entry of a map is a message of key 1 and value 2 (protobuf encoding, "Maps").
  const entry = joined(NOTHING, [
    { field: 1, bytes: [text.encode(host)] },
    { field: 2, bytes: [said] },
  ]);
  const bytes = joined(NOTHING, [{ field: 1, bytes: [entry] }]);
  return { host, registry, bytes, info: bytes.subarray(bytes.length - said.length) };
}

/** The line as a resource of its own. */
export function nameRow({ host, info }: EncodedName): Resource {
  return resourceOf('nameRow', host, info);
}

/** The table of these lines, in an order of its own. What is equal has equal bytes, whatever the order was. */
export function nameTable(lines: readonly EncodedName[]): Resource {
  const all = onePerName(lines);
  const bytes = new Uint8Array(all.reduce((size, line) => size + line.bytes.length, 0));
  let at = 0;
  for (const line of all) {
    bytes.set(line.bytes, at);
    at += line.bytes.length;
  }
  const version = contentHash(all.map(({ host, info }) => `${host} ${versionOf(info)}`).join('\n'));
  return { type: 'nameTable', name: NAME_TABLE, version, bytes };
}

/** The name of a Pod may also be the host of an object of its own: Kubernetes is believed first (spec/istio.md 3.3). */
export function byBelief(a: EncodedName, b: EncodedName): number {
  return compareText(b.registry, a.registry) || compareText(versionOf(a.info), versionOf(b.info));
}

/** One line for each name, sorted by name. */
export function onePerName(lines: readonly EncodedName[]): readonly EncodedName[] {
  const sorted = lines.toSorted((a, b) => compareText(a.host, b.host) || byBelief(a, b));
  return sorted.filter(({ host }, i) => host !== sorted[i - 1]?.host);
}
