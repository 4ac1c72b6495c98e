import type { Collection, Index, Read } from '../../collection/index.ts';
import { type BoundRouting, compareText, gatewayText, type OpenServer, type Routing } from '../../model/index.ts';
import { routingOrder } from '../routes/selection.ts';

export interface BoundTables {
  readonly boundRoutings: Collection<BoundRouting>;
  readonly routings: Collection<Routing>;
  /** By {@link boundPlace}. */
  readonly boundAt: Index<BoundRouting>;
}

/** A VirtualService as a class of routers meets it. */
export interface BoundAs {
  /** Row key of the routing. */
  readonly id: string;
  readonly routing: Routing;
}

export const boundPlace = ({ class: of, gateway }: { class: string; gateway: string }): string => `${of}\n${gateway}`;

/** The VirtualServices that a class sees at a server's Gateway, in Istio's order (spec/istio.md 2.6, 4.12). */
export function boundTo(
  proxies: string,
  { gateway }: Pick<OpenServer, 'gateway'>,
  read: Read,
  { boundRoutings, routings, boundAt }: BoundTables,
): readonly BoundAs[] {
  const found = [...read.lookup(boundAt, boundPlace({ class: proxies, gateway: gatewayText(gateway) }))].flatMap((key) => {
    const bound = read.get(boundRoutings, key);
    const routing = bound && read.get(routings, bound.routing);
    return bound && routing ? [{ id: bound.routing, routing, order: routingOrder(bound, routing) }] : [];
  });
  return found.sort((a, b) => compareText(a.order, b.order));
}
