import { contentHash } from '../../lib/hash.ts';
import { compareText } from '../../model/index.ts';
import type { RouteList } from './assemble.ts';
import type { CatchAll } from './caller.ts';
import type { Part } from './part.ts';

/** A route configuration that a class has. Row key: `routesPlace`. */
export interface RoutesOfClass {
  readonly class: string;
  readonly routes: string;
  /** See {@link Part}. */
  readonly alone: boolean;
  /** See {@link RouteList}. */
  readonly exactPorts?: true;
}

/** A class's route configuration as the list it shares with other classes. */
export interface ListedRoutes {
  readonly class: string;
  readonly name: string;
  /** Row key of `list`. */
  readonly key: string;
  readonly list: RouteList;
}

/** Puts the virtual hosts of a route configuration in the order in which they claim domains. */
export function listRoutes(row: RoutesOfClass, catchAll: CatchAll, parts: readonly Part[]): ListedRoutes {
  const inOrder = parts.filter(({ spec }) => spec !== undefined);
  inOrder.sort((a, b) => compareText(a.order, b.order) || compareText(a.host, b.host));
  const hosts = inOrder.map(({ host }) => host);
  const exact = row.exactPorts && { exactPorts: row.exactPorts };
  const list: RouteList = { name: row.routes, hosts, ...(!row.alone && { catchAll }), ...exact };
  const hash = contentHash([JSON.stringify({ ...list.catchAll, ...exact }), ...hosts].join('\n\n'));
  return { class: row.class, name: row.routes, key: `${row.routes}/${hash}`, list };
}
