import type { ConfigObject, GatewayHost, GatewayServers, GatewaySpec } from '../model/index.ts';
import { parseProtocol } from './protocol.ts';

/** Set by what makes Gateways for other resources: the Services whose proxies alone are meant. */
const OF_SERVICES = 'internal.istio.io/gateway-service';

/** A Gateway with hosts as `namespace/host` taken apart and `.` resolved (spec/istio.md 4.12). */
export function gatewayServers({ key, createdAt, annotations, spec }: ConfigObject<GatewaySpec>): GatewayServers {
  const services = (annotations[OF_SERVICES] ?? '')
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
  return {
    key,
    createdAt,
    selector: spec.selector ?? {},
    ...(services.length > 0 && { services }),
    servers: (spec.servers ?? []).flatMap(({ port, bind = '', hosts = [], tls }, index) => {
      if (port === undefined) return [];
      const { number = 0, name = '', protocol } = port;
      return {
        index,
        port: { number, name, protocol: parseProtocol(protocol) ?? 'auto' },
        bind,
        // Every host of every namespace leaves nothing for others to say.
        hosts: hosts.includes('*/*') ? [{ host: '*' }] : hosts.map((host) => gatewayHost(host, key.namespace)),
        ...(tls !== undefined && { tls }),
      };
    }),
  };
}

function gatewayHost(text: string, own: string): GatewayHost {
  const slash = text.indexOf('/');
  if (slash === -1) return { host: text.toLowerCase() };
  const namespace = text.slice(0, slash);
  const host = text.slice(slash + 1).toLowerCase();
  return namespace === '*' ? { host } : { namespace: namespace === '.' ? own : namespace, host };
}
