/**
 * Percentages of several destinations: those without a weight divide what the others leave, the first ones getting the rest of
 * the division (spec/gloo.md 2.6). The rules of the kind have made sure that something is left for each.
 */
export function sharesOf(weights: readonly (number | undefined)[]): readonly number[] {
  const sum = weights.reduce<number>((total, weight) => total + (weight ?? 0), 0);
  const open = weights.filter((weight) => !weight).length;
  const left = 100 - sum;
  let nth = 0;
  return weights.map((weight) => {
    if (weight) return weight;
    const share = Math.floor(left / open) + (nth < left % open ? 1 : 0);
    nth += 1;
    return share;
  });
}
