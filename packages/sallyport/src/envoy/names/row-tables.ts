import { type Collection, type Graph, structural } from '../../collection/index.ts';
import { linkKey, type Resource, type ResourceLink } from '../../model/index.ts';
import type { ResourceTable } from '../types.ts';
import type { ClassSight } from './sight.ts';
import { byBelief, type EncodedName, nameRow } from './table.ts';

/** Row key of one line: the host as it is seen, and the name that the line is for. */
const rowKey = (sight: string, name: string): string => `${sight}\n${name}`;

/** A name of a class that Pods have, and one sight that says so. */
interface Claim {
  readonly class: string;
  readonly name: string;
  readonly sight: string;
}

/**
 * Our form, a resource for each line, under its host: what changes costs one row, and classes that see a host alike share it. Hosts have one
 * line in a class; the names of Pods may be claimed by several services, or be hosts of their own.
 */
export function buildRowTables(
  graph: Graph,
  sights: Collection<ClassSight>,
  lines: Collection<readonly EncodedName[]>,
): ResourceTable {
  const shown = graph.distinct('names.shownByRow', sights, ({ host, rows }) => (rows ? [[host.key, host.key]] : []));
  const resources: Collection<Resource> = graph.derive(
    'names.rows',
    shown,
    (sight, _, read) => (read.get(lines, sight) ?? []).map((line) => [rowKey(sight, line.host), nameRow(line)] as const),
    (a, b) => a.version === b.version,
  );
  // What is named, without what is said of it: links stay as they are while addresses change.
  const named = graph.derive('names.named', lines, (all, key) => [[key, all.map(({ host }) => host)]], structural);
  const ownLinks = graph.derive(
    'names.ownLinks',
    sights,
    ({ class: of, host: { host, key }, rows }, _, read) => {
      if (!rows || read.get(named, key)?.includes(host) !== true) return [];
      const link: ResourceLink = { class: of, type: 'nameRow', name: host, target: rowKey(key, host) };
      return [[linkKey(link), link]];
    },
    structural,
  );
  const claims = graph.derive(
    'names.podClaims',
    sights,
    ({ class: of, host: { host, key }, rows }, _, read) => {
      const pods = rows ? (read.get(named, key) ?? []).filter((name) => name !== host) : [];
      return pods.map((name): [string, Claim] => [`${of}\n${rowKey(key, name)}`, { class: of, name, sight: key }]);
    },
    structural,
  );
  const claimed = ({ class: of, name }: Claim) => `${of}\n${name}`;
  const claimsOf = graph.index('names.claimsOfPods', claims, (claim) => [claimed(claim)]);
  const podNames = graph.distinct('names.podNames', claims, (claim) => [
    [claimed(claim), { class: claim.class, name: claim.name }],
  ]);
  const podLinks = graph.derive(
    'names.podLinks',
    podNames,
    ({ class: of, name }, place, read) => {
      const link = { class: of, type: 'nameRow' as const, name };
      const lineAt = (sight: string) => read.get(lines, sight)?.find(({ host }) => host === name);
      const own = read.get(ownLinks, linkKey(link))?.target.slice(0, -1 - name.length);
      const [first] = [...read.lookup(claimsOf, place)]
        .map((key) => read.get(claims, key)?.sight)
        .concat(own)
        .flatMap((sight) => (sight === undefined ? [] : [{ sight, line: lineAt(sight) }]))
        .flatMap(({ sight, line }) => (line === undefined ? [] : [{ sight, line }]))
        .sort((a, b) => byBelief(a.line, b.line) || (a.sight < b.sight ? -1 : 1));
      return first === undefined ? [] : [[linkKey(link), { ...link, target: rowKey(first.sight, name) }]];
    },
    structural,
  );
  return { type: 'nameRow', links: graph.union('names.rowLinks', podLinks, ownLinks), resources };
}
