import { overlaps } from '../../lib/host.ts';
import {
  type ConfigObject,
  type GatewayServers,
  type GatewaySpec,
  gatewayText,
  type Issue,
  type Routing,
} from '../../model/index.ts';
import { finding } from './finding.ts';

type Named = Pick<ConfigObject, 'key' | 'origin'>;

/** Gateways that a VirtualService names and nobody declares, and those that are for none of its hosts (spec/istio.md 2.6, 4.12). */
export function gatewayReferenceFindings(
  object: Named,
  routing: Routing,
  gatewayOf: (name: string) => GatewayServers | undefined,
): readonly Issue[] {
  const written = (object as ConfigObject<{ readonly gateways?: readonly string[] }>).spec.gateways ?? [];
  if (written.length === 0) return [];
  return routing.gateways.flatMap((name, index) => {
    if (name === 'mesh') return [];
    const field = ['spec', 'gateways', index];
    const gateway = gatewayOf(name);
    if (gateway === undefined) {
      const message = `there is no Gateway ${name}: the routes are not served there`;
      return [finding(object, 'DANGLING_REFERENCE', 'warning', field, message, 'create it, or write namespace/name of another')];
    }
    if (routing.hosts.length === 0 || servesAny(gateway, routing)) return [];
    const served = [...new Set(gateway.servers.flatMap(({ hosts }) => hosts.map(hostText)))].sort().join(', ');
    const message = `Gateway ${name} serves ${served || 'no host'}, none of ${routing.hosts.join(', ')}: the routes do nothing there`;
    return [finding(object, 'INEFFECTIVE', 'warning', field, message, 'add the host to a server of the Gateway')];
  });
}

function servesAny({ servers }: GatewayServers, { hosts, namespace }: Routing): boolean {
  return servers.some((server) =>
    server.hosts.some(
      (of) => (of.namespace === undefined || of.namespace === namespace) && hosts.some((host) => overlaps(of.host, host)),
    ),
  );
}

const hostText = ({ namespace, host }: { readonly namespace?: string; readonly host: string }): string =>
  namespace === undefined ? host : `${namespace}/${host}`;

/** A selector that no Pod has. Only for where there are Pods: without them it is not known who is selected. */
export function selectsNoPod(object: ConfigObject<GatewaySpec>): Issue {
  const wanted = Object.entries(object.spec.selector ?? {})
    .map(([label, value]) => `${label}: ${value}`)
    .join(', ');
  const message = `no Pod has the labels ${wanted}, so no proxy that is known serves Gateway ${gatewayText(object.key)}`;
  return finding(object, 'SELECTS_NOTHING', 'warning', ['spec', 'selector'], message, 'select labels of the gateway’s Pods');
}
