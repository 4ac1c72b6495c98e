import { ipFamily } from '../lib/ip.ts';
import { type ConfigObject, type KubernetesServiceSpec, type Service, serviceKey } from '../model/index.ts';
import { type Defaults, spiffeId } from './defaults.ts';
import { kubernetesProtocol } from './protocol.ts';
import { trafficDistributionOf } from './service-entry.ts';
import { fullHost } from './short-name.ts';
import { exportedTo } from './visibility.ts';

type KubernetesService = ConfigObject<KubernetesServiceSpec>;

const EXPORT_TO = 'networking.istio.io/exportTo';
const ACCOUNTS = 'alpha.istio.io/kubernetes-serviceaccounts';
const IDENTITIES = 'alpha.istio.io/canonical-serviceaccounts';

/** The service that a Kubernetes Service is to the mesh (spec/istio.md 12). */
export function serviceOfKubernetes(object: KubernetesService, defaults: Defaults, namespace: ConfigObject | undefined): Service {
  const { spec, key, annotations } = object;
  const host = fullHost(key.name, key.namespace, defaults.clusterDomain);
  const headless = spec.clusterIP === 'None';
  const distribution = trafficDistributionOf(spec.trafficDistribution, annotations, namespace?.annotations);
  return {
    key: serviceKey('kubernetes', key.namespace, key.name, host),
    host,
    namespace: key.namespace,
    name: key.name,
    registry: 'kubernetes',
    createdAt: object.createdAt,
    addresses: clusterAddresses(spec),
    autoAddresses: [],
    ports: (spec.ports ?? []).map((port) => ({
      number: port.port,
      name: port.name ?? '',
      protocol: kubernetesProtocol(port),
      ...(isElsewhere(port) && { target: port.targetPort }),
    })),
    location: 'internal',
    resolution: headless || isAlias(spec) ? 'none' : 'static',
    raceConnect: false,
    exportTo: exportedTo(commaList(annotations[EXPORT_TO]), key.namespace, defaults.serviceExportTo),
    labels: object.labels,
    ...(spec.selector !== undefined && Object.keys(spec.selector).length > 0 && { selector: spec.selector }),
    subjectAltNames: [
      ...commaList(annotations[IDENTITIES]),
      ...commaList(annotations[ACCOUNTS]).map((name) => spiffeId(defaults.trustDomain, key.namespace, name)),
    ],
    headless,
    ...(isAlias(spec) && { aliasOf: spec.externalName.toLowerCase() }),
    ...(distribution !== undefined && { trafficDistribution: distribution }),
    ...(spec.publishNotReadyAddresses !== undefined && { publishNotReady: spec.publishNotReadyAddresses }),
    ...(spec.internalTrafficPolicy === 'Local' && { nodeLocal: true as const }),
    from: key,
  };
}

/** A workload listens at the Service's port unless told otherwise. */
function isElsewhere<P extends { readonly port: number; readonly targetPort?: number | string }>(
  port: P,
): port is P & { readonly targetPort: number | string } {
  return port.targetPort !== undefined && port.targetPort !== 0 && port.targetPort !== '' && port.targetPort !== port.port;
}

function isAlias(spec: KubernetesServiceSpec): spec is KubernetesServiceSpec & { externalName: string } {
  return spec.type === 'ExternalName' && spec.externalName !== undefined && spec.externalName !== '';
}

function clusterAddresses({ clusterIP = '', clusterIPs = [] }: KubernetesServiceSpec): readonly string[] {
  const given = clusterIPs.length > 1 ? clusterIPs : [clusterIP];
  return given.filter((address) => ipFamily(address) !== 0);
}

function commaList(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
