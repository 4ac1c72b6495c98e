import type { Locality } from '../model/index.ts';

export const NO_LOCALITY: Locality = { region: '', zone: '', subZone: '' };

/** `region/zone/subzone`, the later parts optional (spec/istio.md 1.4). */
export function parseLocality(text: string): Locality {
  const [region = '', zone = '', subZone = ''] = text.split('/');
  return { region, zone, subZone };
}

type Labels = Readonly<Record<string, string>>;

/**
 * The locality of a workload: its own field, else label `topology.istio.io/locality`, else `istio-locality`. In a label,
 * where `/` is not allowed, `.` separates the parts (spec/istio.md 1.4 and its corrections).
 */
export function localityOf(field: string | undefined, labels: Labels): Locality {
  if (field !== undefined && field !== '') return parseLocality(field);
  const label = labels['topology.istio.io/locality'] || labels['istio-locality'] || '';
  return parseLocality(label.includes('/') ? label : label.replaceAll('.', '/'));
}

/** The network a workload is in: its own field, else label `topology.istio.io/network`. */
export function networkOf(field: string | undefined, labels: Labels): string {
  return field || labels['topology.istio.io/network'] || '';
}

/** The labels selectors and subsets see: those given, plus where the workload stands (spec/istio.md 1.4). */
export function withTopology(labels: Labels, place: { locality: Locality; network: string; cluster: string }): Labels {
  const topology = {
    'topology.kubernetes.io/region': place.locality.region,
    'topology.kubernetes.io/zone': place.locality.zone,
    'topology.istio.io/subzone': place.locality.subZone,
    'topology.istio.io/cluster': place.cluster,
    'topology.istio.io/network': place.network,
  };
  return { ...labels, ...Object.fromEntries(Object.entries(topology).filter(([, value]) => value !== '')) };
}
