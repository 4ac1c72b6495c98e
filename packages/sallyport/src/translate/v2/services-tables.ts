import type { Collection, Graph } from '../../collection/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import { callersIn, copiesIn } from './copies.ts';
import type { Destination } from './destination.ts';
import { buildDestinationRules } from './destination-rule-tables.ts';
import { buildSearch, type DestinationSearch } from './destination-search.ts';
import { buildExternal } from './external-tables.ts';
import type { Gateways } from './gateways/gateway-tables.ts';
import { buildTrims } from './trim-tables.ts';
import { buildVirtual } from './virtual-tables.ts';
import type { Workspaces } from './workspace-tables.ts';

/** What RouteTables and gateways read of destinations. */
export interface Services {
  readonly translations: readonly Collection<Translation>[];
  /** What a workspace sees: an ExternalService in force, a VirtualDestination, or a Kubernetes Service. */
  readonly search: DestinationSearch;
  /** ExternalServices in force, by `destinationKey`: one row for each workspace that sees one. */
  readonly external: Collection<Destination>;
}

/** ExternalService and ExternalEndpoint, what policies do to destinations, VirtualDestination (spec/gloo.md 2.2–2.5, 2.8, 2.9). */
export function buildServices(graph: Graph, inputs: TranslateInputs, workspaces: Workspaces, gateways: Gateways): Services {
  const copiesOf = copiesIn(inputs, workspaces);
  const { external, translations } = buildExternal(graph, inputs, { workspaces, gateways, copiesOf });
  const search = buildSearch(graph, inputs, workspaces).with('EXTERNAL_SERVICE', external);
  const { virtual, translations: virtualTranslations } = buildVirtual(graph, inputs, workspaces, search);
  const wider = search.with('VIRTUAL_DESTINATION', virtual);
  const declared = graph.union('translate.v2.destinations', external, virtual);
  const rules = buildDestinationRules(graph, inputs, workspaces, {
    declared,
    search: wider,
    copiesOf,
    callersOf: callersIn(inputs, workspaces),
  });
  const trims = buildTrims(graph, inputs, workspaces, wider);
  return { translations: [...translations, ...virtualTranslations, ...rules, ...trims], search: wider, external };
}
