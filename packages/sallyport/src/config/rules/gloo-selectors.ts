import type {
  DestinationReference,
  DestinationSelector,
  GlooPort,
  GlooWorkloadSelector,
  RouteSelector,
} from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkPortNumber } from './shared.ts';

/** What Gloo means by a field that no object of Istio's can say. The object is refused. */
export function untranslatable(field: Path, message: string, hint?: string): Finding {
  return { code: 'UNTRANSLATABLE', severity: 'error', field, message, ...(hint === undefined ? {} : { hint }) };
}

/** A port by number or by name (spec/gloo.md 2.1). */
export function* checkGlooPort(port: GlooPort | undefined, field: Path): Iterable<Finding> {
  if (port === undefined) return;
  const { number = 0, name = '' } = port;
  if (number === 0 && name === '')
    yield missing(field, 'the port has neither number nor name', 'write number: 443, or name: https');
  else if (number !== 0 && name !== '')
    yield invalid([...field, 'name'], '`number` and `name` exclude each other', 'keep one of them');
  else if (number !== 0) yield* checkPortNumber(number, [...field, 'number']);
}

/** Where a route leads (spec/gloo.md 2.1). What the reference names is looked up later. */
export function* checkReference(one: DestinationReference, field: Path): Iterable<Finding> {
  if (one.ref !== undefined && one.awsLambda !== undefined)
    yield invalid([...field, 'awsLambda'], '`ref` and `awsLambda` exclude each other', 'keep one of them');
  if (one.ref === undefined && one.awsLambda === undefined)
    yield missing([...field, 'ref'], 'the destination names no object', 'write ref: {name: …} and `kind`');
  if (one.ref !== undefined && (one.ref.name ?? '') === '')
    yield missing([...field, 'ref', 'name'], '`name` is missing', 'name the ExternalService, Service or VirtualDestination');
  if (Object.keys(one.subset ?? {}).length > 0 && (one.kind ?? 'SERVICE') !== 'SERVICE')
    yield invalid([...field, 'subset'], `a destination of kind ${one.kind} has no subsets`, 'leave `subset` out');
  yield* checkGlooPort(one.port, [...field, 'port']);
}

export function* checkDestinationSelectors(all: readonly DestinationSelector[] | undefined, field: Path): Iterable<Finding> {
  for (const [i, one] of (all ?? []).entries()) yield* checkGlooPort(one.port, [...field, i, 'port']);
}

/** Routes that a policy is for; both parts of a selector are alternatives. */
export function* checkRouteSelectors(all: readonly RouteSelector[] | undefined, field: Path): Iterable<Finding> {
  for (const [i, one] of (all ?? []).entries()) {
    if (one.route !== undefined && one.withDestinations !== undefined)
      yield invalid(
        [...field, i, 'withDestinations'],
        '`route` and `withDestinations` exclude each other',
        'write two selectors',
      );
    yield* checkGlooPort(one.withDestinations?.port, [...field, i, 'withDestinations', 'port']);
  }
}

/** Workloads are Kubernetes ones; Gloo does not select virtual machines for routes and gateways (spec/gloo.md 2.6). */
export function* checkWorkloads(
  all: readonly GlooWorkloadSelector[] | undefined,
  field: Path,
  { labelsOnly = false }: { readonly labelsOnly?: boolean } = {},
): Iterable<Finding> {
  for (const [i, one] of (all ?? []).entries()) {
    if (one.kind === 'VM')
      yield invalid([...field, i, 'kind'], 'workloads of kind VM cannot be selected here', 'write KUBE, or leave it out');
    if (one.port !== undefined)
      yield warn('INEFFECTIVE', [...field, i, 'port'], 'the port of a workload says nothing here', 'leave it out');
    if (!labelsOnly) continue;
    for (const part of ['name', 'namespace', 'cluster', 'workspace'] as const)
      if ((one.selector?.[part] ?? '') !== '')
        yield invalid(
          [...field, i, 'selector', part],
          `sidecars are selected by labels only, found ${shown(`${part}: ${one.selector?.[part]}`)}`,
          'write `labels`',
        );
  }
}
