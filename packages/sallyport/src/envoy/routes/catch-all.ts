import { RouteSchema } from '@sallyport/apis/route';
import { encode, joined } from '../encode.ts';
import type { CatchAll } from './caller.ts';
import { EVERYTHING } from './match.ts';
import type { RouteShape } from './route.ts';
import { plainAction } from './route-action.ts';
import { virtualHost } from './virtual-host.ts';

/** The virtual host for all other hosts: through, resolved by the proxy itself, or refused with 502 (spec/istio.md 4.3 item 7). */
export function catchAllVirtualHost(catchAll: CatchAll): Uint8Array {
  const route = encode(RouteSchema, { name: catchAll.name, match: EVERYTHING, action: actionOf(catchAll) });
  return virtualHost(catchAll.name, ['*'], joined(new Uint8Array(), [{ field: 3, bytes: [route] }]));
}

function actionOf(catchAll: CatchAll): NonNullable<RouteShape['action']> {
  if (catchAll.name === 'block_all') return { case: 'directResponse', value: { status: 502 } };
  return { case: 'route', value: plainAction(catchAll.cluster) };
}
