import { type NameRow, NameTable } from 'sallyport/agent/resolver/name-table.ts';
import { type InternalCase, tableOfCase } from 'sallyport/envoy/names/testing/internal-services.ts';
import type { Wanted } from './calls.ts';
import { answersOf, type DnsVectors } from './dns-server.ts';
import { differences, normalise } from './normalise.ts';
import { type Json, readVector } from './vectors.ts';
import type { Verdict } from './verdict.ts';

interface AlternateVectors {
  readonly proxyNamespace: string;
  readonly proxyDomain: string;
  readonly cases: readonly { readonly startsWith: string; readonly expect: readonly string[] }[];
}

/** The vectors of `names/`: tables, what an agent makes of them, and what its DNS server says over the wire. */
export async function* runNames(wanted: Wanted): AsyncGenerator<Verdict> {
  for (const verdict of [...nameTables(), ...alternateHosts()]) if (wanted(verdict.id)) yield verdict;
  const vectors = readVector<DnsVectors>('names/dns-server.json');
  const chosen = vectors.queries
    .map((query, index) => ({ query, id: `names/dns-server/${index}` }))
    .filter(({ id }) => wanted(id));
  const answers = chosen.length === 0 ? [] : await answersOf({ ...vectors, queries: chosen.map(({ query }) => query) });
  for (const [i, { query, id }] of chosen.entries()) yield verdictOf(id, query.expect, answers[i]);
}

function* nameTables(): Generator<Verdict> {
  const { cases } = readVector<{ readonly cases: readonly InternalCase[] }>('names/name-table-services.json');
  for (const [index, vector] of cases.entries()) {
    yield verdictOf(`names/name-table-services/${index}`, vector.expect, tableOfCase(vector));
  }
}

function* alternateHosts(): Generator<Verdict> {
  const { proxyNamespace, proxyDomain, cases } = readVector<AlternateVectors>('names/alternate-hosts.json');
  const { server } = readVector<{ readonly server: { readonly table: Record<string, NameRow> } }>('names/dns-server.json');
  const table = new NameTable({ namespace: proxyNamespace, domain: proxyDomain });
  for (const [host, row] of Object.entries(server.table)) table.put(host, row);
  const names = new Map(table.names());
  // The vectors count the keys of the table too, which need not end in a dot.
  const all = [...new Set([...Object.keys(server.table), ...names.keys()])].sort();
  for (const [index, { startsWith, expect }] of cases.entries()) {
    const actual = all.filter((name) => name.startsWith(startsWith));
    yield verdictOf(`names/alternate-hosts/${index}`, expect.toSorted(), actual);
  }
}

function verdictOf(id: string, expected: unknown, actual: unknown): Verdict {
  const gate2 = differences(normalise(actual as Json), normalise(expected as Json));
  return { id, folder: 'names', part: 'names', gate1: [], gate2, expected, actual };
}
