/**
 * A set that mostly has one member or none and seldom many: nothing, the member itself, a list of exactly its length, or a set.
 * With a hundred thousand rows, what is not allocated here is most of the engine's memory. Members are no lists and no sets.
 */
export type Few<T> = undefined | T | readonly T[] | Set<T>;

/** Up to this number members stand in a list, which is searched. */
const MOST = 8;

/** The set with the member; the argument is used up. */
export function withMember<T>(few: Few<T>, member: T): Few<T> {
  if (few === undefined) return member;
  if (few instanceof Set) return few.add(member);
  if (!Array.isArray(few)) return few === member ? few : [few as T, member];
  if (few.includes(member)) return few;
  return few.length < MOST ? [...few, member] : new Set<T>(few).add(member);
}

/** The set without the member; the argument is used up. */
export function withoutMember<T>(few: Few<T>, member: T): Few<T> {
  if (few === member) return undefined;
  if (few instanceof Set) return few.delete(member) && few.size === 0 ? undefined : few;
  if (!Array.isArray(few) || !few.includes(member)) return few;
  const rest = (few as readonly T[]).filter((other) => other !== member);
  return rest.length === 1 ? rest[0] : rest;
}

export function hasMember<T>(few: Few<T>, member: T): boolean {
  if (few instanceof Set) return few.has(member);
  return Array.isArray(few) ? few.includes(member) : few === member;
}

/** The members in the order in which they came. */
export function membersOf<T>(few: Few<T>): readonly T[] | Set<T> {
  if (few === undefined) return [];
  return few instanceof Set || Array.isArray(few) ? few : [few as T];
}
