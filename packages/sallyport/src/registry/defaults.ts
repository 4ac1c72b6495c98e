import { type Cidr, parseCidr } from '../lib/ip.ts';
import type { MeshConfig, VirtualAddressTerms } from '../model/index.ts';
import type { EntryVisibility } from './entry-visibility.ts';
import { type NameRules, nameRules } from './resolution.ts';
import type { RegistrySettings, Vip } from './types.ts';

export const DEFAULTS = 'defaults';

/** The part of settings and mesh configuration that services, endpoints, rules and routings depend on, so that other parts of the mesh may change without touching them. */
export interface Defaults {
  readonly clusterDomain: string;
  readonly clusterId: string;
  readonly trustDomain: string;
  readonly serviceExportTo: readonly string[];
  readonly ruleExportTo: readonly string[];
  readonly routingExportTo: readonly string[];
  readonly entryVisibility?: EntryVisibility;
  readonly names: NameRules;
  readonly vip: Vip;
  /** The prefixes that the ledger gives addresses of, when it does. */
  readonly ledgerPrefixes?: readonly Cidr[];
}

export function defaultsFrom(settings: RegistrySettings, mesh: MeshConfig): Defaults {
  return {
    clusterDomain: settings.clusterDomain,
    clusterId: settings.clusterId,
    trustDomain: mesh.trustDomain,
    serviceExportTo: mesh.defaultServiceExportTo,
    ruleExportTo: mesh.defaultDestinationRuleExportTo,
    routingExportTo: mesh.defaultVirtualServiceExportTo,
    ...(mesh.serviceEntryVisibility !== undefined && { entryVisibility: mesh.serviceEntryVisibility as EntryVisibility }),
    vip: settings.vip ?? 'status',
    names: nameRules(mesh),
    ...(settings.vip === 'ledger' && { ledgerPrefixes: prefixesOf(mesh.sallyport.virtualAddresses) }),
  };
}

function prefixesOf({ ipv4, ipv6 }: VirtualAddressTerms): readonly Cidr[] {
  return [ipv4, ipv6].map(parseCidr).filter((cidr) => cidr !== undefined);
}

/** SPIFFE id of a service account of this trust domain (spec/istio.md 1.4). */
export function spiffeId(trustDomain: string, namespace: string, serviceAccount: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}
