import { isWildcard } from '../lib/host.ts';
import { byAge, type Issue, type Service, type SidecarObject } from '../model/index.ts';
import { parseImport } from './imports.ts';
import { isGeneral } from './sidecar.ts';
import { reaches } from './visibility.ts';

/** What a Sidecar is held against. Every question is about names, so that only their appearance and disappearance matter. */
export interface SidecarFacts {
  readonly rootNamespace: string;
  /** All Sidecars of the namespace, this one too. */
  readonly neighbours: readonly SidecarObject[];
  readonly servicesOf: (host: string) => readonly Service[];
  /** Whether a VirtualService for the mesh names the host literally. */
  readonly isRouted: (host: string) => boolean;
  /** Wildcards above a host that some service has as its own host. */
  readonly wildcardServices: (host: string) => readonly string[];
  readonly hasServicesUnder: (wildcard: string) => boolean;
  readonly hasServicesIn: (namespace: string) => boolean;
}

/** Findings about one Sidecar, each with a key that stays the same while the finding does. */
export function* sidecarIssues(sidecar: SidecarObject, facts: SidecarFacts): Generator<readonly [string, Issue]> {
  const about = { object: sidecar.key, origin: sidecar.origin };
  yield* wholeIssues(sidecar, facts).map(([key, issue]) => [key, { ...issue, ...about }] as const);
  for (const [egress, { hosts, port }] of (sidecar.spec.egress ?? []).entries())
    for (const [index, entry] of hosts.entries()) {
      const found = importIssue(entry, port?.protocol?.toUpperCase() === 'HTTP_PROXY' ? 0 : (port?.number ?? 0), sidecar, facts);
      if (found === undefined) continue;
      yield [`egress ${egress} ${index}`, { ...found, ...about, field: ['spec', 'egress', egress, 'hosts', index] }];
    }
}

/** What the Sidecar as a whole is up against (spec/istio.md 2.4). */
function wholeIssues(sidecar: SidecarObject, facts: SidecarFacts): readonly (readonly [string, Issue])[] {
  const { key, spec } = sidecar;
  const issues: (readonly [string, Issue])[] = [];
  const [first] = facts.neighbours.filter(isGeneral).sort(byAge);
  if (isGeneral(sidecar) && first !== undefined && first.key.name !== key.name) {
    const message = `Sidecar ${first.key.name} already applies to all of namespace ${key.namespace} and is older: this one is not used`;
    const hint = 'give this one a workloadSelector, or merge the two: they are never combined';
    issues.push(['shadowed', { code: 'SHADOWED', severity: 'warning', message, hint }]);
  }
  if (!isGeneral(sidecar) && key.namespace === facts.rootNamespace) {
    const message = `a Sidecar of the root namespace ${key.namespace} with a workloadSelector applies to workloads of that namespace only`;
    const hint = 'remove the selector to make it the default of the mesh, or put it into the namespace of the workloads';
    issues.push([
      'root selector',
      { code: 'INEFFECTIVE', severity: 'warning', message, hint, field: ['spec', 'workloadSelector'] },
    ]);
  }
  if (spec.outboundTrafficPolicy !== undefined && spec.outboundTrafficPolicy.mode === undefined) {
    const message = 'outboundTrafficPolicy without a mode means REGISTRY_ONLY: it does not inherit the policy of the mesh';
    const hint = 'write mode: REGISTRY_ONLY or mode: ALLOW_ANY, or leave outboundTrafficPolicy out to inherit';
    issues.push([
      'policy',
      { code: 'MISSING_FIELD', severity: 'warning', message, hint, field: ['spec', 'outboundTrafficPolicy', 'mode'] },
    ]);
  }
  return issues;
}

/** Why an egress host imports nothing, if so. The root namespace's default is evaluated elsewhere, so `.` and exports say nothing there. */
function importIssue(entry: string, port: number, sidecar: SidecarObject, facts: SidecarFacts): Issue | undefined {
  const own = sidecar.key.namespace;
  const everywhere = own === facts.rootNamespace && isGeneral(sidecar);
  const [parsed] = parseImport(entry, everywhere ? '*' : own);
  if (parsed === undefined || parsed.excluded) return undefined;
  const { namespace, host } = parsed;
  if (!isWildcard(host)) return hostIssue(entry, namespace, host, port, everywhere ? undefined : own, facts);
  if (host === '*') {
    if (['*', own, facts.rootNamespace].includes(namespace) || facts.hasServicesIn(namespace)) return undefined;
    return ineffective(`${entry} imports nothing: no service is declared in namespace ${namespace}`);
  }
  if (!host.startsWith('*.') || facts.hasServicesUnder(host)) return undefined;
  return ineffective(`${entry} imports nothing: no service has a host under ${host}`);
}

function hostIssue(
  entry: string,
  namespace: string,
  host: string,
  port: number,
  client: string | undefined,
  facts: SidecarFacts,
): Issue | undefined {
  const services = facts.servicesOf(host);
  const there = services.filter((service) => namespace === '*' || service.namespace === namespace);
  const visible = there.filter(({ exportTo }) => client === undefined || reaches(exportTo, client));
  if (visible.length > 0) {
    if (port === 0 || visible.some(({ ports }) => ports.some(({ number }) => number === port))) return undefined;
    return ineffective(`${entry} imports nothing on this listener: ${host} has no port ${port}`);
  }
  if (facts.isRouted(host)) return undefined;
  const unknown = (message: string, hint: string): Issue => ({ code: 'UNKNOWN_HOST', severity: 'warning', message, hint });
  if (there.length > 0)
    return unknown(
      `${entry} imports nothing: ${host} is not exported to namespace ${client}`,
      `add ${client} to the exportTo of ${there[0]?.from.kind} ${there[0]?.from.namespace}/${there[0]?.from.name}`,
    );
  if (services.length > 0) {
    const others = [...new Set(services.map((service) => service.namespace))].sort();
    return unknown(
      `${entry} imports nothing: ${host} is declared in namespace ${others.join(', ')}, not in ${namespace}`,
      `write ${others[0]}/${host} or */${host}`,
    );
  }
  const [wildcard] = facts.wildcardServices(host);
  if (wildcard !== undefined)
    return unknown(
      `${entry} imports nothing: ${host} is declared only as part of ${wildcard}`,
      `import the wildcard itself: */${wildcard}`,
    );
  return unknown(
    `${entry} imports nothing: no service has the host ${host}`,
    'correct the host, or declare it with a ServiceEntry',
  );
}

function ineffective(message: string): Issue {
  return { code: 'INEFFECTIVE', severity: 'info', message, hint: 'remove it, or declare what it is meant to import' };
}
