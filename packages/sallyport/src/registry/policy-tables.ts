import { type Collection, type Graph, structural } from '../collection/index.ts';
import { objectId, type Routing, type Rule } from '../model/index.ts';
import { delegates, mergeDelegates } from './delegate.ts';
import { mergeRules, ownRule } from './destination-rule.ts';
import type { WithDefaults } from './mesh-tables.ts';
import type { RegistryInputs } from './types.ts';
import { expandRouting } from './virtual-service.ts';

/** DestinationRules, merged by namespace and host. */
export function buildRules(graph: Graph, inputs: RegistryInputs, withDefaults: WithDefaults) {
  const ownRules = graph.derive(
    'registry.own-rules',
    inputs.destinationRules,
    withDefaults((object, defaults, _, key) => [[key, ownRule(object, defaults)]]),
    structural,
  );
  const rulesByHost = graph.index('registry.rules-by-host', ownRules, (rule) => [`${rule.object.key.namespace}/${rule.host}`]);
  const ruleGroups = graph.distinct('registry.rule-groups', ownRules, (rule) => [
    [`${rule.object.key.namespace}/${rule.host}`, true as const],
  ]);
  const rules: Collection<Rule> = graph.derive(
    'registry.rules',
    ruleGroups,
    (_, group, read) =>
      mergeRules([...read.lookup(rulesByHost, group)].map((key) => read.get(ownRules, key)!)).map(
        (rule) => [rule.key, rule] as const,
      ),
    structural,
  );
  return { ownRules, rulesByHost, ruleGroups, rules };
}

/** VirtualServices with names spelled out: all of them, and those that are no delegates, with their delegates merged in. */
export function buildRoutings(graph: Graph, inputs: RegistryInputs, withDefaults: WithDefaults) {
  const expanded = graph.derive(
    'registry.expanded',
    inputs.virtualServices,
    withDefaults((object, defaults, _, key) => [[key, expandRouting(object, defaults)]]),
    structural,
  );
  const routings: Collection<Routing> = graph.derive(
    'registry.routings',
    expanded,
    (routing, key, read) => {
      if (routing.hosts.length === 0) return [];
      if (!delegates(routing)) return [[key, routing]];
      return [[key, mergeDelegates(routing, (delegate) => read.get(expanded, objectId(delegate))).routing]];
    },
    structural,
  );
  return { expanded, routings };
}
