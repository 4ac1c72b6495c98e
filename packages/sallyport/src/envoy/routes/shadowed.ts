import { type Issue, type ObjectKey, objectId } from '../../model/index.ts';
import type { Shadow } from './assemble.ts';

/** What a user should know of a virtual host that lost its name or a domain to another. Row key and issue. */
export function shadowIssue({ loser, winner, domain }: Shadow): readonly [string, Issue] | undefined {
  if (loser.from === undefined || winner.from === undefined) return undefined;
  const key = [objectId(loser.from), objectId(winner.from), loser.name, winner.name, domain ?? ''].join(' ');
  const [mine, theirs] = [nameOf(loser.from), nameOf(winner.from)];
  // A network is a domain by its spelling only: no request is for it.
  if (domain?.includes('/')) return undefined;
  if (domain === undefined) {
    return [
      key,
      {
        code: 'SHADOWED',
        severity: 'warning',
        object: loser.from,
        message: `routes for ${loser.host} on port ${loser.port} are never used: ${theirs} has routes for this host and comes first`,
        hint: `put the routes of ${mine} and ${theirs} into one VirtualService, or give them different hosts`,
      },
    ];
  }
  return [
    key,
    {
      code: 'SHADOWED',
      // Also within one object: which of its hosts has the address depends on what others declare.
      severity: 'warning',
      object: loser.from,
      message: `requests for ${domain} on port ${loser.port} go to ${winner.host} of ${theirs}, which comes first, not to ${loser.host}`,
      hint: 'give every service an address of its own, or call it by its host',
    },
  ];
}

function nameOf(key: ObjectKey): string {
  return `${key.kind} ${key.namespace}/${key.name}`;
}
