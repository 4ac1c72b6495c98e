import { byAge, type Issue, objectId } from '../../model/index.ts';
import type { Destination } from './destination.ts';

/** What only one ExternalService of a workspace can have: host names in any case, and addresses. */
export function claimsOf({ external }: Destination): readonly string[] {
  const { hosts = [], addresses = [] } = external?.object.spec ?? {};
  return [...hosts.map((host) => host.toLowerCase()), ...addresses];
}

/** What a workspace owns comes before what it has imported; then the older one wins (spec/gloo.md 5, U15). */
function byRank(a: Destination, b: Destination): number {
  return Number(a.owner !== a.viewer) - Number(b.owner !== b.viewer) || byAge(a.object, b.object);
}

/** Why a destination is not to be had in the workspace that would see it, because of one of `rivals`, which claim something it claims. */
export function lostTo(destination: Destination, rivals: readonly Destination[]): Issue | undefined {
  const own = objectId(destination.object.key);
  const [winner] = rivals.filter((rival) => objectId(rival.object.key) !== own && byRank(rival, destination) < 0).sort(byRank);
  if (winner === undefined) return undefined;
  const taken = new Set(claimsOf(winner));
  const { hosts = [], addresses = [] } = destination.external?.object.spec ?? {};
  const host = hosts.findIndex((one) => taken.has(one.toLowerCase()));
  const field = host === -1 ? ['spec', 'addresses', addresses.findIndex((one) => taken.has(one))] : ['spec', 'hosts', host];
  const what = host === -1 ? addresses[field[2] as number] : hosts[host];
  const { namespace, name } = winner.object.key;
  const imported = destination.owner !== destination.viewer;
  const better = winner.owner === destination.owner || imported === (winner.owner !== winner.viewer) ? 'is older' : 'is its own';
  return {
    code: 'HOST_CONFLICT',
    severity: imported ? 'warning' : 'error',
    object: destination.object.key,
    field,
    message: imported
      ? `workspace ${destination.viewer} imports this service and does not get it: ExternalService ${namespace}/${name} there has ${what}, too, and ${better}`
      : `ExternalService ${namespace}/${name} of the workspace has ${what}, too, and is older; this one is not in force`,
    hint: 'let one ExternalService of a workspace have it',
  };
}
