import type { ConfigObject, FailoverPolicySpec, LocalityLb } from '../../model/index.ts';
import { copied, type Marked, took } from '../sourced.ts';
import { localityText } from './external-endpoint.ts';

type Mapping = NonNullable<NonNullable<FailoverPolicySpec['config']>['localityMappings']>[number];

const MAPPINGS = ['spec', 'config', 'localityMappings'];
const ALL = 100;

/** FailoverPolicy: mappings win over labels; with weights they share calls out, without they say where calls go in need (spec/gloo.md 2.9). */
export function localitySetting(policy: ConfigObject<FailoverPolicySpec>): Marked<LocalityLb> {
  const { localityMappings: mappings = [], priorityLabels } = policy.spec.config ?? {};
  const labels = priorityLabels?.labels ?? [];
  const from = <T>(i: number, value: Marked<T>): Marked<T> => took(policy, [...MAPPINGS, i], value);
  const weighted = mappings.some(({ to = [] }) => to.some(({ weight }) => weight !== undefined));
  return took<LocalityLb>(policy, ['spec', 'config'], {
    enabled: true,
    ...(weighted && { distribute: mappings.map((mapping, i) => from(i, shares(mapping))) }),
    ...(!weighted &&
      mappings.length > 0 && {
        failover: mappings.map(({ from: { region = '' } = {}, to = [] }, i) =>
          from(i, { from: region, to: to[0]?.region ?? '' }),
        ),
      }),
    ...(mappings.length === 0 &&
      labels.length > 0 && { failoverPriority: copied(policy, ['spec', 'config', 'priorityLabels', 'labels'], labels) }),
  });
}

/** Weights that are not given share what the others leave. */
function shares({ from = {}, to = [] }: Mapping): { readonly from: string; readonly to: Readonly<Record<string, number>> } {
  const given = to.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  const open = to.filter(({ weight }) => weight === undefined).length;
  const each = open === 0 ? 0 : Math.floor((ALL - given) / open);
  let rest = open === 0 ? 0 : ALL - given - each * open;
  const result = new Map<string, number>();
  for (const place of to) {
    const weight = place.weight ?? each + (rest-- > 0 ? 1 : 0);
    const name = localityText(place);
    result.set(name, (result.get(name) ?? 0) + weight);
  }
  return { from: localityText(from), to: Object.fromEntries([...result].filter(([, weight]) => weight > 0)) };
}
