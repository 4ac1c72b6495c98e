import { ipFamily } from '../lib/ip.ts';
import type { ProxyFacet, ProxyTraits, Service } from '../model/index.ts';

export const UNSPECIFIED = '0.0.0.0';

/**
 * The addresses under which a class of proxies knows a service: those it declares, of a Kubernetes Service only the ones of the
 * proxy's families, which may be none; else the allocated ones of those families, if the proxy captures DNS; else the unspecified
 * address (spec/istio.md 3.2).
 */
export function addressesFor(
  service: Pick<Service, 'addresses' | 'autoAddresses' | 'registry'>,
  facet: Pick<ProxyFacet, 'ipFamilies'>,
  traits: Pick<ProxyTraits, 'dnsCapture'>,
): readonly string[] {
  const { addresses, registry } = service;
  if (addresses.length > 0)
    return registry === 'kubernetes' ? addresses.filter((address) => servesFamily(address, facet.ipFamilies)) : addresses;
  if (!traits.dnsCapture) return [UNSPECIFIED];
  const allocated = service.autoAddresses.filter((address) => servesFamily(address, facet.ipFamilies));
  return allocated.length > 0 ? allocated : [UNSPECIFIED];
}

/**
 * Where a proxy listens for a service. For a Kubernetes Service of which no address is of the proxy's families that is its first.
 */
export function listenAddressesFor(
  service: Pick<Service, 'addresses' | 'autoAddresses' | 'registry'>,
  facet: Pick<ProxyFacet, 'ipFamilies'>,
  traits: Pick<ProxyTraits, 'dnsCapture'>,
): readonly string[] {
  const known = addressesFor(service, facet, traits);
  return known.length > 0 ? known : service.addresses.slice(0, 1);
}

function servesFamily(address: string, families: ProxyFacet['ipFamilies']): boolean {
  return families === 'dual' || ipFamily(address) === (families === 'v4' ? 4 : 6);
}

/** The wildcard that listeners of this proxy bind to. */
export function wildcardOf(facet: Pick<ProxyFacet, 'ipFamilies'>): string {
  return facet.ipFamilies === 'v6' ? '::' : UNSPECIFIED;
}
