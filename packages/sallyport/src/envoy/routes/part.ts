import type { ProxyClassId } from '../../model/index.ts';
import type { Caller } from './caller.ts';
import { specKey, type VirtualHostSpec } from './spec.ts';

/** A virtual host's place in one route configuration of one class. Row key: {@link partKey}. */
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
}

export const routesPlace = (of: { class: string; routes: string }): string => `${of.class}\n${of.routes}`;

export function partOf(caller: Caller, routes: string, alone: boolean, order: string, spec: VirtualHostSpec): Part {
  return { class: caller.class, routes, alone, order, spec, host: specKey(spec) };
}

export function emptyPart(caller: Caller, routes: string): Part {
  return { class: caller.class, routes, alone: false, order: '', host: '' };
}

/** Two VirtualServices may make the same virtual host of one service: the routing is part of the key, and assembling picks one. */
export function partKey(part: Part): string {
  const spec = part.spec;
  const kind = spec?.service === undefined ? 'unknown' : 'service';
  return [part.class, part.routes, kind, spec?.host ?? '', spec?.port ?? 0, spec?.routing ?? ''].join('\n');
}

export function sameParts(a: Part, b: Part): boolean {
  return a.host === b.host && a.order === b.order && a.alone === b.alone && a.routes === b.routes && a.class === b.class;
}
