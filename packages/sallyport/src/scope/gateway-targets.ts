import { selects } from '../lib/host.ts';
import { byServiceAge, type GatewayServers, type ProxyClass, type Service } from '../model/index.ts';

/** A port of a Service that leads to routers of a class, and the port that they listen on for it. */
export interface TargetPort {
  readonly host: string;
  readonly namespace: string;
  readonly number: number;
  readonly target: number;
  /** Not for Gateways that select proxies by labels. */
  readonly untranslated?: true;
}

/** A label, whatever its value, of services whose ports Gateways do not mean that select the same proxies. */
const UNTRANSLATED = 'experimental.istio.io/disable-gateway-port-translation';

/** The ports under which services lead to the routers of a class, oldest service first (spec/istio.md 12, "Proxy → its services"). */
export function targetPorts(
  { serves }: Pick<ProxyClass, 'serves'>,
  serviceOf: (key: string) => Service | undefined,
): readonly TargetPort[] {
  const found = serves.flatMap((served) => {
    const service = serviceOf(served.service);
    return service === undefined ? [] : [{ served, service }];
  });
  found.sort((a, b) => byServiceAge(a.service, b.service) || a.served.port - b.served.port || a.served.target - b.served.target);
  return found.map(({ served, service: { host, namespace, labels } }) => ({
    host,
    namespace,
    number: served.port,
    target: served.target,
    ...(labels[UNTRANSLATED] !== undefined && { untranslated: true }),
  }));
}

/**
 * The ports to bind for a server's port. A Gateway for labels binds the first that a service translates it to, or the port
 * itself where none does; one that is for services alone binds only what these translate it to (spec/istio.md 4.12).
 */
export function targetsOf(gateway: GatewayServers, targets: readonly TargetPort[], port: number): readonly number[] {
  const meant = targets.filter(({ number, host, namespace }) => number === port && isFor(gateway, host, namespace));
  if (gateway.services !== undefined) return [...new Set(meant.map(({ target }) => target))];
  return [meant.find(({ untranslated }) => untranslated !== true)?.target ?? port];
}

function isFor({ services, key }: GatewayServers, host: string, namespace: string): boolean {
  return services === undefined || (services.includes(host) && namespace === key.namespace);
}

/** Whether a Gateway is for routers of this class at all. */
export function isCarried(gateway: GatewayServers, labels: ProxyClass['labels'], targets: readonly TargetPort[]): boolean {
  if (gateway.services === undefined) return selects(gateway.selector, labels);
  return targets.some(({ host, namespace }) => isFor(gateway, host, namespace));
}
