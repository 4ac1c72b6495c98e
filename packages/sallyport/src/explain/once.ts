/**
 * Computes something of a message once, however often it is asked for, and forgets it with the message: what makes the
 * second walk over the same resources cheap.
 */
export function once<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    let found = known.get(key);
    if (found === undefined) known.set(key, (found = { value: compute(key) }));
    return found.value;
  };
}
