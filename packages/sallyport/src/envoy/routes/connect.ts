import { outboundCluster } from '../names.ts';
import type { RouteShape } from './route.ts';

/** How a virtual host of a forward proxy takes CONNECT: as all that it does, or besides requests that it forwards. */
export type Connect = 'alone' | 'too';

/**
 * The route that opens a tunnel to a port of a service, for `https_proxy` of applications. CONNECT has no path, so no
 * other route ever takes it, and what is not declared is 404.
 */
export function connectRoute(host: string, port: number): RouteShape {
  return {
    name: 'connect',
    match: { pathSpecifier: { case: 'connectMatcher', value: {} } },
    action: {
      case: 'route',
      value: {
        clusterSpecifier: { case: 'cluster', value: outboundCluster(host, port) },
        // A tunnel lasts as long as those who talk through it want.
        timeout: { seconds: 0n, nanos: 0 },
        upgradeConfigs: [{ upgradeType: 'CONNECT', connectConfig: {} }],
      },
    },
  };
}
