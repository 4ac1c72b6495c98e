import { inRanges, specialUse } from '../lib/special-ranges.ts';
import {
  type AddressType,
  type Answer,
  compareText,
  type Endpoint,
  type ProxyFacet,
  type Question,
  type Service,
} from '../model/index.ts';

/** What the control plane found for the names among the endpoints of a cluster, as the proxies of one facet use it. */
export interface ResolvedNames {
  /** How the addresses of one name are used: all of them, or the first as long as it takes connections. */
  readonly use: 'all' | 'first';
  /** Addresses of a name, in order of use; none if it has none. */
  readonly addressesOf: (name: string) => readonly string[];
}

/** Whether the addresses that the names of a cluster have are known. */
export type Knowledge =
  /** Nobody has been heard yet: proxies wait for it, as they would for their own look-ups. */
  | 'asked'
  /** Nobody could be heard: proxies that have something from before keep it. */
  | 'unanswered'
  | 'known';

type Guard = Service['guard'];
type Families = Pick<ProxyFacet, 'ipFamilies'>;

/** Which questions a proxy would ask for a name (spec/istio.md 1.5, DNS cluster extras), its preferred family first. */
export function questionTypes({ ipFamilies }: Families, race: boolean, dualStack: boolean): readonly AddressType[] {
  if (race) return ipFamilies === 'v4' ? ['A', 'AAAA'] : ['AAAA', 'A'];
  if (ipFamilies === 'dual') return dualStack ? ['AAAA', 'A'] : ['A'];
  return ipFamilies === 'v6' ? ['AAAA'] : ['A'];
}

/** The names among endpoints, each once. */
export function namesAmong(endpoints: readonly Endpoint[]): readonly string[] {
  return [...new Set(endpoints.flatMap(({ address }) => (address.kind === 'dns' ? [questionName(address.value)] : [])))];
}

/** A name as it is asked for: case and a final dot mean nothing. */
export function questionName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

export function questionsOf(names: readonly string[], types: readonly AddressType[]): readonly Question[] {
  return names.flatMap((name) => types.map((type) => ({ name, type })));
}

/** The addresses of an answer that count for a service: of the Internet, or in an allowed range, where it has a guard. */
export function admitted({ addresses, before = [] }: Answer, guard: Guard): readonly string[] {
  if (guard === undefined) return addresses;
  const admit = (list: readonly string[]) => list.filter((address) => isAdmitted(address, guard));
  const now = admit(addresses);
  return now.length > 0 ? now : admit(before);
}

/** The addresses of an answer that do not count for a service. */
export function refusedAddresses({ addresses }: Answer, guard: Guard): readonly string[] {
  if (guard === undefined) return [];
  return addresses.filter((address) => !isAdmitted(address, guard));
}

function isAdmitted(address: string, { allowed }: NonNullable<Guard>): boolean {
  return specialUse(address) === undefined || inRanges(address, allowed);
}

export function resolvedNames(
  answerOf: (question: Question) => Answer | undefined,
  types: readonly AddressType[],
  use: ResolvedNames['use'],
  guard: Guard,
): ResolvedNames {
  return {
    use,
    addressesOf: (name) => {
      const lists = types.map((type) => {
        const answer = answerOf({ name: questionName(name), type });
        return answer === undefined ? [] : admitted(answer, guard);
      });
      // In which order a set comes is the resolver's whim; which one is first is what it wants.
      return use === 'all' ? [...new Set(lists.flat())].sort(compareText) : interleaved(lists);
    },
  };
}

/** One address of each family in turn, the preferred family first (RFC 8305 section 4). */
function interleaved(lists: readonly (readonly string[])[]): readonly string[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list[i] ?? [])).flat();
}

/** What is known of these questions together. One that nobody answers does not hold back what is known of others. */
export function knowledge(questions: readonly Question[], answerOf: (question: Question) => Answer | undefined): Knowledge {
  const answers = questions.map(answerOf);
  if (answers.includes(undefined)) return 'asked';
  const silent = answers.some((answer) => answer?.unanswered === true);
  return silent && answers.every((answer) => answer?.addresses.length === 0) ? 'unanswered' : 'known';
}
