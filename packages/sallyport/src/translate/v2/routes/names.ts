const INSECURE = 'insecure-';

/** Names of a table's routes, made unique as Gloo does: `insecure-` is cut off, a second `a` becomes `duplicate-a-1` (spec/gloo.md 2.6). */
export function routeNames(names: readonly (string | undefined)[]): readonly (string | undefined)[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    if (name === undefined || name === '') return undefined;
    const plain = name.startsWith(INSECURE) ? name.slice(INSECURE.length) : name;
    const before = seen.get(plain);
    seen.set(plain, (before ?? -1) + 1);
    return before === undefined ? plain : `duplicate-${plain}-${before + 1}`;
  });
}
