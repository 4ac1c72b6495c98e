import { type Graph, structural } from '../collection/index.ts';
import { buildAddresses } from './address-tables.ts';
import { buildAuthorizations } from './authorization-tables.ts';
import { credentialOfConfigMap, credentialOfSecret } from './credential.ts';
import { headOfEntry } from './entry-head.ts';
import { buildFindings } from './finding-tables.ts';
import { gatewayServers } from './gateway.ts';
import { buildMesh } from './mesh-tables.ts';
import { buildPeers } from './peer-tables.ts';
import { buildRoutings, buildRules } from './policy-tables.ts';
import { buildPools } from './pool-tables.ts';
import { buildServices } from './service-tables.ts';
import type { RegistryInputs, RegistryOutputs } from './types.ts';

export type { RegistryInputs, RegistryOutputs, RegistrySettings, Vip } from './types.ts';

/**
 * From typed objects to services, endpoint pools, merged rules and routings (spec/istio.md 1.4, 2.5, 2.6, 12). Nothing is
 * there before `inputs.settings` has its row `settings`.
 */
export function buildRegistry(graph: Graph, inputs: RegistryInputs): RegistryOutputs {
  const { mesh, meshIssues, nameRules, defaultsOf, withDefaults } = buildMesh(graph, inputs);
  const heads = graph.split('registry.entry-heads', inputs.serviceEntries, (entry, id) => [[id, headOfEntry(entry)]], structural);
  const { claims, granted, addressFindings } = buildAddresses(graph, heads, withDefaults);
  const services = buildServices(graph, { ...inputs, heads, granted }, withDefaults);
  const { pools, workloads, ...places } = buildPools(graph, inputs, services, withDefaults);
  const { rules, ...ruleTables } = buildRules(graph, inputs, withDefaults);
  const { routings, expanded } = buildRoutings(graph, inputs, withDefaults);
  const { peers, peerIssues } = buildPeers(graph, inputs, mesh);
  const { authorizations, authorizationIssues } = buildAuthorizations(graph, inputs, mesh);
  const gateways = graph.derive('registry.gateways', inputs.gateways, (object, id) => [[id, gatewayServers(object)]], structural);
  const secrets = graph.derive(
    'registry.secrets',
    inputs.secrets,
    (object, id) => [[id, credentialOfSecret(object)]],
    structural,
  );
  const rootMaps = graph.derive(
    'registry.root-maps',
    inputs.configMaps,
    (object, id) => {
      const credential = credentialOfConfigMap(object);
      return credential.roots.kind === 'absent' ? [] : [[id, credential]];
    },
    structural,
  );
  const credentials = graph.union('registry.credentials', secrets, rootMaps);
  const rulesFor = { nameRules, defaultsOf, addressFindings };
  const findings = buildFindings(graph, {
    inputs,
    heads,
    services,
    rules,
    expanded,
    gateways,
    ...rulesFor,
    ...places,
    ...ruleTables,
  });
  const issues = [meshIssues, ...findings, peerIssues, authorizationIssues];
  const addresses = { addressClaims: claims, grantedAddresses: granted };
  return {
    mesh,
    services,
    ...addresses,
    pools,
    rules,
    routings,
    gateways,
    peers,
    authorizations,
    workloads,
    credentials,
    issues,
  };
}
