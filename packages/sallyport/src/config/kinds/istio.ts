import { authorizationPolicyRule } from '../rules/authorization-policy.ts';
import { destinationRuleRule } from '../rules/destination-rule.ts';
import { gatewayRule } from '../rules/gateway.ts';
import { peerAuthenticationRule } from '../rules/peer-authentication.ts';
import type { Rule } from '../rules/rule.ts';
import { serviceEntryRule } from '../rules/service-entry.ts';
import { sidecarRule } from '../rules/sidecar.ts';
import { virtualServiceRule } from '../rules/virtual-service.ts';
import { workloadEntryRule } from '../rules/workload-entry.ts';
import { authorizationPolicy } from './authorization-policy.ts';
import { destinationRule } from './destination-rule.ts';
import { gateway } from './gateway.ts';
import { peerAuthentication } from './peer-authentication.ts';
import type { KindRow } from './row.ts';
import { serviceEntry } from './service-entry.ts';
import type { Shape } from './shape.ts';
import { sidecar } from './sidecar.ts';
import { virtualService } from './virtual-service.ts';
import { workloadEntry } from './workload-entry.ts';

const NETWORKING = 'networking.istio.io';
const SECURITY = 'security.istio.io';
const V1: readonly string[] = ['v1', 'v1beta1', 'v1alpha3'];

function acted<S>(kind: string, plural: string, schema: Shape, rule: Rule<S>, shortNames: readonly string[] = []): KindRow {
  // A rule is only ever called with the normalised spec of its own kind, which the schema has checked.
  const use = { acted: true, schema, rule: rule as Rule<never> } as const;
  return { kind, group: NETWORKING, versions: V1, plural, shortNames, scope: 'Namespaced', use };
}

function later(group: string, kind: string, plural: string, versions: readonly string[], because: string): KindRow {
  return { kind, group, versions, plural, scope: 'Namespaced', use: { acted: false, because, severity: 'warning' } };
}

/** Istio's kinds with the versions that its CRDs serve (conformance/crds). */
export const istioKinds: readonly KindRow[] = [
  acted('ServiceEntry', 'serviceentries', serviceEntry, serviceEntryRule, ['se']),
  acted('WorkloadEntry', 'workloadentries', workloadEntry, workloadEntryRule, ['we']),
  acted('VirtualService', 'virtualservices', virtualService, virtualServiceRule, ['vs']),
  acted('DestinationRule', 'destinationrules', destinationRule, destinationRuleRule, ['dr']),
  acted('Sidecar', 'sidecars', sidecar, sidecarRule),
  acted('Gateway', 'gateways', gateway, gatewayRule, ['gw']),
  later(
    NETWORKING,
    'WorkloadGroup',
    'workloadgroups',
    V1,
    'workloads do not register themselves yet; write a WorkloadEntry for each',
  ),
  later(NETWORKING, 'EnvoyFilter', 'envoyfilters', ['v1alpha3'], 'patches of generated Envoy configuration are not applied'),
  later(
    NETWORKING,
    'ProxyConfig',
    'proxyconfigs',
    ['v1beta1'],
    'proxies are configured by the agent and the mesh configuration only',
  ),
  {
    ...acted('PeerAuthentication', 'peerauthentications', peerAuthentication, peerAuthenticationRule, ['pa']),
    group: SECURITY,
    versions: ['v1', 'v1beta1'],
  },
  {
    ...acted('AuthorizationPolicy', 'authorizationpolicies', authorizationPolicy, authorizationPolicyRule, ['ap']),
    group: SECURITY,
    versions: ['v1', 'v1beta1'],
  },
  later(SECURITY, 'RequestAuthentication', 'requestauthentications', ['v1', 'v1beta1'], 'tokens are not checked yet'),
  later('telemetry.istio.io', 'Telemetry', 'telemetries', ['v1', 'v1alpha1'], 'telemetry follows the mesh configuration only'),
  later('extensions.istio.io', 'WasmPlugin', 'wasmplugins', ['v1alpha1'], 'WebAssembly extensions are not loaded'),
  later('extensions.istio.io', 'TrafficExtension', 'trafficextensions', ['v1alpha1'], 'traffic extensions are not loaded'),
];
