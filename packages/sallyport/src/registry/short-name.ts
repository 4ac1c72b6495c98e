import { ipFamily } from '../lib/ip.ts';

/**
 * A host as every later stage compares it: lower case, and a name without a dot taken as a Kubernetes Service of this
 * namespace (`reviews` → `reviews.shop.svc.cluster.local`, or `reviews.shop` where there is no cluster domain).
 * `*` and addresses stay as they are (spec/istio.md 2.6).
 */
export function fullHost(host: string, namespace: string, clusterDomain: string): string {
  const lower = host.toLowerCase();
  if (lower === '' || lower === '*' || lower.includes('.') || ipFamily(lower) !== 0) return lower;
  return clusterDomain === '' ? `${lower}.${namespace}` : `${lower}.${namespace}.svc.${clusterDomain}`;
}

/**
 * A gateway as `namespace/name`: a bare name is of the object's own namespace, `./name` likewise, and the old form
 * `name.namespace.svc…` is turned round. `mesh` stays (spec/istio.md 2.6).
 */
export function gatewayName(gateway: string, namespace: string): string {
  if (gateway === 'mesh') return gateway;
  const slash = gateway.indexOf('/');
  if (slash !== -1) return gateway.slice(0, slash) === '.' ? `${namespace}${gateway.slice(slash)}` : gateway;
  const [name, of = namespace] = gateway.split('.');
  return `${of}/${name}`;
}
