import { alternateNames, type NamedHost } from 'sallyport/agent/resolver/alternate-names.ts';
import { type InternalCase, tableOfCase } from 'sallyport/envoy/names/testing/internal-services.ts';
import type { Wanted } from './calls.ts';
import { differences, normalise } from './normalise.ts';
import { type Json, readVector } from './vectors.ts';
import type { Verdict } from './verdict.ts';

interface AlternateVectors {
  readonly proxyNamespace: string;
  readonly proxyDomain: string;
  readonly cases: readonly { readonly startsWith: string; readonly expect: readonly string[] }[];
}

/** The vectors of `names/` on tables and on what an agent makes of them; answers over the wire are none of these. */
export function* runNames(wanted: Wanted): Generator<Verdict> {
  for (const verdict of [...nameTables(), ...alternateHosts()]) if (wanted(verdict.id)) yield verdict;
}

function* nameTables(): Generator<Verdict> {
  const { cases } = readVector<{ readonly cases: readonly InternalCase[] }>('names/name-table-services.json');
  for (const [index, vector] of cases.entries()) {
    yield verdictOf(`names/name-table-services/${index}`, vector.expect, tableOfCase(vector));
  }
}

function* alternateHosts(): Generator<Verdict> {
  const { proxyNamespace, proxyDomain, cases } = readVector<AlternateVectors>('names/alternate-hosts.json');
  const { server } = readVector<{ readonly server: { readonly table: Record<string, NamedHost> } }>('names/dns-server.json');
  const names = alternateNames(server.table, { namespace: proxyNamespace, domain: proxyDomain });
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
