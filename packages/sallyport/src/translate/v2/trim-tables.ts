import { type Collection, type Graph, type Read, structural } from '../../collection/index.ts';
import {
  byAge,
  type DestinationKind,
  type DestinationSelector,
  type Issue,
  objectId,
  type Translated,
} from '../../model/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import type { DestinationSearch } from './destination-search.ts';
import {
  combine,
  labelSets,
  policySidecar,
  type TrimPolicy,
  tooManyCombinations,
  trimFindings,
  workspaceSidecar,
} from './trimmed-sidecar.ts';
import type { Workspace } from './workspace.ts';
import type { Workspaces } from './workspace-tables.ts';

const KINDS: readonly DestinationKind[] = ['SERVICE', 'VIRTUAL_DESTINATION', 'EXTERNAL_SERVICE'];

/** TrimProxyConfigPolicies and workspaces that trim: Sidecars that leave proxies only some destinations (spec/gloo.md 2.9, 2.10). */
export function buildTrims(
  graph: Graph,
  inputs: TranslateInputs,
  workspaces: Workspaces,
  search: DestinationSearch,
): readonly Collection<Translation>[] {
  const objects = inputs.gloo<TrimPolicy['spec']>('TrimProxyConfigPolicy');
  const policies = graph.derive<
    TrimPolicy,
    { readonly workspace: string; readonly policy: TrimPolicy; readonly hosts: readonly string[] }
  >(
    'translate.v2.trim-policies',
    objects,
    (policy, id, read) => {
      const workspace = workspaces.ofNamespace(read, policy.key.namespace);
      if (workspace === undefined) return [];
      const selectors = policy.spec.config?.includedDestinations ?? [];
      const hosts = selectors.flatMap((selector) => hostsOf(read, search, workspace, selector));
      return [[id, { workspace, policy, hosts: [...new Set(hosts)].sort() }]];
    },
    structural,
  );
  const byWorkspace = graph.index('translate.v2.trim-policies-by-workspace', policies, ({ workspace }) => [workspace]);
  const clusterOf = (read: Read): string => read.get(inputs.settings, 'settings')?.cluster ?? '';

  const sidecars = graph.derive<Workspace, Translation>(
    'translate.v2.trimmed-sidecars',
    workspaces.workspaces,
    (_, workspace, read) => {
      const { own, global } = workspaces.settingsOf(read, workspace);
      const trimming = [global, own].filter((one) => one !== undefined);
      const all = trimming.find(({ spec }) => spec.options?.trimAllProxyConfig === true);
      const isolated = trimming.find(({ spec }) => spec.options?.serviceIsolation?.trimProxyConfig === true);
      const found = [...read.lookup(byWorkspace, workspace)]
        .map((id) => read.get(policies, id)!)
        .filter(({ hosts }) => hosts.length > 0)
        .sort((a, b) => byAge(a.policy, b.policy));
      if (all === undefined && isolated === undefined && found.length === 0) return [];
      const settings = isolated ?? all;
      const field = [
        'spec',
        'options',
        ...(isolated === undefined ? ['trimAllProxyConfig'] : ['serviceIsolation', 'trimProxyConfig']),
      ];
      const seen = isolated === undefined ? [] : hostsOf(read, search, workspace, {});
      const made: Translated[] = [];
      const issues: Issue[] = [];
      for (const namespace of workspaces.namespacesOf(read, workspace)) {
        const place = { cluster: clusterOf(read), namespace, workspace };
        const trims = found.map(({ policy, hosts }) => ({ trim: { policy, hosts }, sets: labelSets(policy, place) }));
        const combined = combine(trims);
        if (combined === undefined) {
          issues.push(tooManyCombinations(found.at(-1)!.policy, namespace));
          continue;
        }
        for (const one of combined) made.push(policySidecar(one, place, one.trims.length));
        const everyone = combined.some(({ labels }) => Object.keys(labels).length === 0);
        if (settings !== undefined && !everyone) made.push(workspaceSidecar(settings, field, seen, place));
      }
      return [[`Sidecars of ${workspace}`, { objects: made, issues }]];
    },
    structural,
  );
  const findings = graph.derive<{ readonly policy: TrimPolicy; readonly hosts: readonly string[] }, Translation>(
    'translate.v2.trim-findings',
    policies,
    ({ policy, hosts }, _, read) => {
      const issues = [...trimFindings(policy, hosts, clusterOf(read))];
      return issues.length === 0 ? [] : [[`said of ${objectId(policy.key)}`, { objects: [], issues }]];
    },
    structural,
  );
  return [sidecars, findings];
}

/** An empty selector means every destination, of any kind. */
function hostsOf(read: Read, search: DestinationSearch, workspace: string, selector: DestinationSelector): readonly string[] {
  const { kind = 'SERVICE', selector: object } = selector;
  const kinds = Object.keys(selector).length === 0 ? KINDS : [kind];
  return kinds.flatMap((one) => search.find(read, workspace, one, object)).flatMap(({ hosts }) => hosts);
}
