import type { Issue, ProxyFacet, Rule, TrafficPolicy } from '../model/index.ts';
import { ruledTls } from './upstream-tls.ts';

/** What of a proxy decides whether a rule can be carried out. */
export type RuledFacet = Pick<ProxyFacet, 'role' | 'withoutIdentity'>;

/** What to tell the author of a rule that clusters of such proxies are made with. */
export function ruleIssues(rule: Rule, facet: RuledFacet): readonly Issue[] {
  return policiesOf(rule).flatMap((found) => tlsIssues(found, rule, facet));
}

type Field = readonly (string | number)[];

export interface FoundPolicy {
  readonly policy: TrafficPolicy;
  readonly field: Field;
}

/** Every policy of a rule: top, subsets, and the port settings of each. */
export function policiesOf({ trafficPolicy, subsets, from }: Rule): FoundPolicy[] {
  const top = portsToo(trafficPolicy, ['spec', 'trafficPolicy']);
  // In a rule merged from several, subsets stand elsewhere than in the object that is named.
  const at = (i: number): Field => (from.length === 1 ? ['spec', 'subsets', i, 'trafficPolicy'] : ['spec', 'subsets']);
  return [...top, ...subsets.flatMap((subset, i) => portsToo(subset.trafficPolicy, at(i)))];
}

function portsToo(policy: TrafficPolicy | undefined, field: Field): FoundPolicy[] {
  if (policy === undefined) return [];
  const ports = (policy.portLevelSettings ?? []).map((port, i) => ({
    policy: port,
    field: [...field, 'portLevelSettings', i],
  }));
  return [{ policy, field }, ...ports];
}

function tlsIssues({ policy: { tls }, field }: FoundPolicy, rule: Rule, facet: RuledFacet): Issue[] {
  if (tls === undefined) return [];
  const ruled = ruledTls(tls, { facet, external: true, selected: rule.selector !== undefined });
  if (ruled.kind === 'refused')
    return [{ code: 'UNSUPPORTED', severity: 'error', ...NO_IDENTITY, ...placeOf(rule, [...field, 'tls', 'mode']) }];
  if (ruled.kind !== 'dropped') return [];
  const text = ruled.why === 'credential' ? NO_CREDENTIAL : NO_FILES;
  return [{ code: 'PLAINTEXT_FALLBACK', severity: 'error', ...text, ...placeOf(rule, [...field, 'tls']) }];
}

const NO_IDENTITY = {
  message:
    'mode ISTIO_MUTUAL needs a certificate, and the agents of some proxies have none: their calls to this host fail with 503',
  hint: 'use mode SIMPLE or MUTUAL with files, or leave tls out until the agents have an identity',
};
const NO_CREDENTIAL = {
  message: 'credentialName is ignored by sidecars in a rule without workloadSelector: calls to this host leave in plain text',
  hint: 'add a workloadSelector, name files (clientCertificate, privateKey, caCertificates), or originate TLS at an egress gateway',
};
const NO_FILES = {
  message: 'mode MUTUAL without clientCertificate and privateKey: calls to this host leave in plain text',
  hint: 'set clientCertificate and privateKey, or credentialName together with a workloadSelector',
};

function placeOf({ from }: Rule, field: Field): Pick<Issue, 'object' | 'field'> {
  const [object] = from;
  return object === undefined ? {} : { object, field };
}
