import type { ProxyClassId } from '../../model/index.ts';
import type { Caller } from './caller.ts';
import { keyed, type VirtualHostSpec } from './spec.ts';

/** A virtual host's place in one route configuration of one class. */
export interface Part {
  readonly class: ProxyClassId;
  /** Name of the route configuration. */
  readonly routes: string;
  /** For one service on an address of its own: a route configuration without other hosts. */
  readonly alone: boolean;
  /** Sorts virtual hosts in the order in which they may claim domains. */
  readonly order: string;
  /** Absent when the port is served by another egress listener, whose route configuration the listener then asks for. */
  readonly spec?: VirtualHostSpec;
  /** Key of `spec`. */
  readonly host: string;
  /** No visible service has the host on this port: `here`, or on any port: `everywhere`. */
  readonly undeclared?: 'here' | 'everywhere';
}

/** A part with its row key. */
export type KeyedPart = readonly [string, Part];

export const routesPlace = (of: { class: string; routes: string }): string => `${of.class}\n${of.routes}`;

/** Two VirtualServices may make the same virtual host of one service: the routing is part of the key, and assembling picks one. */
export function partOf(
  caller: Caller,
  routes: string,
  alone: boolean,
  order: string,
  spec: VirtualHostSpec,
  undeclared?: Part['undeclared'],
): KeyedPart {
  const kind = spec.service === undefined ? 'unknown' : 'service';
  const key = `${caller.class}\n${routes}\n${kind}\n${spec.host}\n${spec.port}\n${spec.routing ?? ''}`;
  const shared = keyed(spec);
  return [
    key,
    { class: caller.class, routes, alone, order, spec: shared.spec, host: shared.key, ...(undeclared && { undeclared }) },
  ];
}

/** Only asks for a route configuration. `by`: what asks, one of several. */
export function emptyPart(caller: Caller, routes: string, alone: boolean, by: string): KeyedPart {
  return [`${caller.class}\n${routes}\nasked\n${by}`, { class: caller.class, routes, alone, order: '', host: '' }];
}

export function sameParts(a: Part, b: Part): boolean {
  return (
    a.host === b.host &&
    a.order === b.order &&
    a.alone === b.alone &&
    a.routes === b.routes &&
    a.class === b.class &&
    a.undeclared === b.undeclared
  );
}
