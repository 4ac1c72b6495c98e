/** A question that the control plane asks DNS on behalf of proxies. Row key: `questionKey`. */
export interface Question {
  /** Lower case, absolute, without the final dot. */
  readonly name: string;
  readonly type: AddressType;
}

export type AddressType = 'A' | 'AAAA';

/**
 * What DNS says to a question. Time plays no part in it: as long as the answer is the same, so is the row. While nobody has
 * been heard, there is none. Row key: `questionKey`.
 */
export interface Answer extends Question {
  /** In the order of the resolver. Empty when the name has none, or does not exist. */
  readonly addresses: readonly string[];
  /** Nobody has answered yet, and not for want of asking. */
  readonly unanswered?: true;
  /** Where no address is of the Internet any more: the last ones that were, for a while (spec/security.md A3). */
  readonly before?: readonly string[];
  /** What resolvers of other zones say, where it has no address in common with the answer. */
  readonly elsewhere?: readonly ZoneAnswer[];
}

export interface ZoneAnswer {
  readonly zone: string;
  readonly addresses: readonly string[];
}

export const questionKey = ({ name, type }: Question): string => `${name} ${type}`;
