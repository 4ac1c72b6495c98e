import { ipFamily } from '../lib/ip.ts';
import type { ProxyFacet, ProxyTraits, Service } from '../model/index.ts';

export const UNSPECIFIED = '0.0.0.0';

/**
 * The addresses under which a class of proxies knows a service: those it declares; else the allocated ones of the
 * proxy's families, if the proxy captures DNS; else the unspecified address. Never empty (spec/istio.md 3.2).
 */
export function addressesFor(
  service: Pick<Service, 'addresses' | 'autoAddresses'>,
  facet: Pick<ProxyFacet, 'ipFamilies'>,
  traits: Pick<ProxyTraits, 'dnsCapture'>,
): readonly string[] {
  if (service.addresses.length > 0) return service.addresses;
  if (!traits.dnsCapture) return [UNSPECIFIED];
  const allocated = service.autoAddresses.filter((address) => servesFamily(address, facet.ipFamilies));
  return allocated.length > 0 ? allocated : [UNSPECIFIED];
}

function servesFamily(address: string, families: ProxyFacet['ipFamilies']): boolean {
  return families === 'dual' || ipFamily(address) === (families === 'v4' ? 4 : 6);
}

/** The wildcard that listeners of this proxy bind to. */
export function wildcardOf(facet: Pick<ProxyFacet, 'ipFamilies'>): string {
  return facet.ipFamilies === 'v6' ? '::' : UNSPECIFIED;
}
