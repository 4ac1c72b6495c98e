import { byAge, type Issue } from '../../model/index.ts';
import { isGeneral, type PeerObject } from '../peer-authentication.ts';
import { finding } from './finding.ts';

/** Policies of one namespace that decide nothing, because of where they stand or because an older one does (spec/istio.md 11). */
export function peerFindings(objects: readonly PeerObject[], rootNamespace: string): readonly Issue[] {
  const sorted = objects.toSorted(byAge);
  return sorted.flatMap((object, i) => {
    const { namespace } = object.key;
    if (namespace === rootNamespace && !isGeneral(object)) {
      const message = `a policy with a selector has no effect in the root namespace ${namespace}, for its own workloads neither`;
      const hint = 'put it into the namespace of the workloads, or remove the selector to make it the policy of the mesh';
      return [finding(object, 'INEFFECTIVE', 'warning', ['spec', 'selector'], message, hint)];
    }
    const winner = sorted.slice(0, i).find((older) => alwaysWins(older, object));
    if (winner === undefined) return [];
    const whole = namespace === rootNamespace ? 'the mesh' : `namespace ${namespace}`;
    const what = isGeneral(object) ? `is for all of ${whole} too` : 'selects every workload that this one selects';
    const message = `PeerAuthentication ${winner.key.name} is older and ${what}: this one is not used, policies are not merged`;
    return [finding(object, 'SHADOWED', 'warning', ['spec'], message, 'put everything into the older one, or remove it')];
  });
}

/** Of the policies of one level that select a workload the oldest counts, and none of the others. */
function alwaysWins(older: PeerObject, younger: PeerObject): boolean {
  if (isGeneral(older) || isGeneral(younger)) return isGeneral(older) && isGeneral(younger);
  const labels = younger.spec.selector?.matchLabels ?? {};
  return Object.entries(older.spec.selector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}
