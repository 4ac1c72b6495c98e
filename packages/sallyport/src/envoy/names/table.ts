import { NameTableSchema } from '@sallyport/apis/nds';
import { contentHash } from '../../lib/hash.ts';
import { compareText, type Resource } from '../../model/index.ts';
import { encode, versionOf } from '../encode.ts';
import type { NameEntry } from './host-names.ts';

/** A proxy has one name table; Istio's has no name at all, and its agents look at none. */
export const NAME_TABLE = 'nameTable';

/** A line of a name table, encoded as a table of one line: tables that follow each other are one table. */
export interface EncodedName extends Pick<NameEntry, 'host' | 'registry'> {
  readonly bytes: Uint8Array;
}

export function encodeName({ host, ips, registry, shortname, namespace }: NameEntry): EncodedName {
  const line = { ips: [...ips], registry, shortname, namespace };
  return { host, registry, bytes: encode(NameTableSchema, { table: { [host]: line } }) };
}

/** The table of these lines, in an order of its own. What is equal has equal bytes, whatever the order was. */
export function nameTable(lines: readonly EncodedName[]): Resource {
  const parts = onePerName(lines).map(({ bytes }) => bytes);
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { type: 'nameTable', name: NAME_TABLE, version: contentHash(parts.map(versionOf).join(' ')), bytes };
}

/** The name of a Pod may also be the host of an object of its own: Kubernetes is believed first (spec/istio.md 3.3). */
function onePerName(lines: readonly EncodedName[]): readonly EncodedName[] {
  const sorted = lines.toSorted(
    (a, b) =>
      compareText(a.host, b.host) || compareText(b.registry, a.registry) || compareText(versionOf(a.bytes), versionOf(b.bytes)),
  );
  return sorted.filter(({ host }, i) => host !== sorted[i - 1]?.host);
}
