import type { ConfigObject, Destination, Issue, Routing, Rule, Service, VirtualServiceSpec } from '../../model/index.ts';
import { isVisibleIn, visibilityText } from '../visibility.ts';
import { finding } from './finding.ts';

type Path = readonly (string | number)[];
type Named = Pick<ConfigObject, 'key' | 'origin'>;

/** What the references of an object are looked up in. */
export interface Known {
  /** Services whose host is exactly this one. */
  readonly exactly: (host: string) => readonly Service[];
  /** Services whose wildcard host covers this one. */
  readonly covering: (host: string) => readonly Service[];
  /** Rules whose host is exactly this one, and those whose wildcard host covers it. */
  readonly rules: (host: string) => readonly Rule[];
  readonly rulesCovering: (host: string) => readonly Rule[];
}

/** Destinations of a VirtualService that lead nowhere: unknown hosts, hosts that are not exported here, ports and subsets nobody declares. */
export function destinationFindings(object: Named, routing: Routing, known: Known): readonly Issue[] {
  return [...destinationsOf(routing.spec)].flatMap(([destination, field]) => {
    const { host, subset } = destination;
    const hostIssue = hostFinding(object, host, [...field, 'host'], known);
    if (hostIssue !== undefined) return [hostIssue];
    return [
      ...portFindings(object, destination, field, known),
      ...(subset ? subsetFindings(object, host, subset, [...field, 'subset'], known) : []),
    ];
  });
}

/** Every destination of every route, with the path to it. */
function* destinationsOf(spec: VirtualServiceSpec): Generator<readonly [Destination, Path]> {
  for (const kind of ['http', 'tls', 'tcp'] as const)
    for (const [i, route] of (spec[kind] ?? []).entries())
      for (const [j, { destination }] of (route.route ?? []).entries())
        yield [destination, ['spec', kind, i, 'route', j, 'destination']];
  for (const [i, { mirror, mirrors = [] }] of (spec.http ?? []).entries()) {
    if (mirror !== undefined) yield [mirror, ['spec', 'http', i, 'mirror']];
    for (const [j, { destination }] of mirrors.entries()) yield [destination, ['spec', 'http', i, 'mirrors', j, 'destination']];
  }
}

function hostFinding(object: Named, host: string, field: Path, known: Known): Issue | undefined {
  const { namespace } = object.key;
  const isVisible = ({ exportTo }: Service) => isVisibleIn(exportTo, namespace);
  // Wildcards are looked at only when they matter: most hosts are declared by name.
  const exactly = known.exactly(host);
  if (exactly.some(isVisible)) return undefined;
  const candidates = [...exactly, ...known.covering(host)];
  if (candidates.some(isVisible)) return undefined;
  const [hidden] = candidates;
  if (hidden === undefined) {
    const message = `no service is called ${host}: what is routed there fails with 503`;
    return finding(
      object,
      'DANGLING_REFERENCE',
      'warning',
      field,
      message,
      `declare ${host} with a ServiceEntry, or mend the name`,
    );
  }
  const { kind, namespace: home, name } = hidden.from;
  const message = `${host} is declared by ${kind} ${home}/${name} for ${visibilityText(hidden.exportTo)} only, and not for namespace ${namespace}`;
  return finding(object, 'DANGLING_REFERENCE', 'warning', field, message, `add ${namespace} to its exportTo`);
}

function portFindings(object: Named, { host, port }: Destination, field: Path, known: Known): readonly Issue[] {
  const declared = known.exactly(host).flatMap(({ ports }) => ports.map(({ number }) => number));
  if (port?.number === undefined || declared.length === 0 || declared.includes(port.number)) return [];
  const message = `${host} has no port ${port.number}, only ${[...new Set(declared)].sort((a, b) => a - b).join(', ')}: what is routed there fails with 503`;
  return [finding(object, 'DANGLING_REFERENCE', 'warning', [...field, 'port', 'number'], message)];
}

function subsetFindings(object: Named, host: string, subset: string, field: Path, known: Known): readonly Issue[] {
  const subsetsOf = (rules: readonly Rule[]) =>
    rules
      .filter(({ exportTo }) => isVisibleIn(exportTo, object.key.namespace))
      .flatMap(({ subsets }) => subsets.map(({ name }) => name));
  const exactly = subsetsOf(known.rules(host));
  if (exactly.includes(subset)) return [];
  const names = [...new Set([...exactly, ...subsetsOf(known.rulesCovering(host))])].sort();
  if (names.includes(subset)) return [];
  const message =
    names.length > 0
      ? `${host} has no subset ${subset}, only ${names.join(', ')}: what is routed there fails with 503`
      : `${host} has no subset ${subset}, because no DestinationRule defines one: what is routed there fails with 503`;
  return [
    finding(object, 'UNKNOWN_SUBSET', 'warning', field, message, `define subset ${subset} in a DestinationRule for ${host}`),
  ];
}
