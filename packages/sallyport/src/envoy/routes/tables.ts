import type { Collection, Index } from '../../collection/index.ts';
import type { ImportedRouting, Routing, Rule, ScopedService, VisibleService } from '../../model/index.ts';
import type { Caller } from './caller.ts';
import type { Crowd } from './crowd.ts';
import type { Routable } from './routable.ts';
import type { Patterns } from './selection.ts';

/** What parts are found in. */
export interface RouteTables {
  readonly callers: Collection<Caller>;
  readonly routables: Collection<Routable>;
  readonly routings: Collection<Routing>;
  readonly rules: Collection<Rule>;
  readonly visible: Collection<VisibleService>;
  readonly scoped: Collection<ScopedService>;
  readonly imported: Collection<ImportedRouting>;
  /** Visible services by class, egress listener and host: {@link hostPlace}. */
  readonly visibleByHost: Index<VisibleService>;
  /** Imported VirtualServices by class, egress listener and host, wildcards left out. */
  readonly importedByHost: Index<ImportedRouting>;
  /** By {@link lanePlace}, where some VirtualService has a wildcard host. */
  readonly patterns: Collection<Patterns>;
  readonly crowds: Collection<Crowd>;
}

export const lanePlace = (of: { class: string; egress: number }): string => `${of.class}\n${of.egress}`;
export const hostPlace = (of: { class: string; egress: number }, host: string): string => `${of.class}\n${of.egress}\n${host}`;
