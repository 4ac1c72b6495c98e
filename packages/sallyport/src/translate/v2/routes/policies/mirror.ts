import type { MirrorPolicySpec, ObjectKey } from '../../../../model/index.ts';
import type { Resolve } from '../target.ts';
import type { Effect } from './effect.ts';

/** Copies go where the policy says, seen from where the policy stands; without a percentage all of them (spec/gloo.md 2.9). */
export function mirror({ config }: MirrorPolicySpec, policy: ObjectKey, resolve: Resolve): Effect {
  const from = { mirrors: ['config', 'destination'] };
  const field = ['spec', 'config', 'destination'];
  if (config?.destination === undefined) return { fields: {}, from };
  const found = resolve(config.destination, policy);
  if ('problem' in found) return { fields: {}, from, problem: { ...found.problem, field } };
  const { leads } = found.target;
  // A share of the copies for each way there is.
  const all = config.percentage ?? 100;
  const mirrors = leads.map(({ destination, share }) => ({
    destination,
    ...((config.percentage !== undefined || leads.length > 1) && { percentage: { value: (all * share) / 100 } }),
  }));
  return { fields: { mirrors }, from };
}
