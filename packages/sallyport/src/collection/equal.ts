/** Equality for rows that are built anew only when they differ. */
export function identical(a: unknown, b: unknown): boolean {
  return Object.is(a, b);
}

/** Equality of plain data: objects, arrays, bytes, primitives, and maps and sets with primitive keys. Class instances are compared by identity. */
export function structural(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => structural(item, b[i]));
  const kind = Object.getPrototypeOf(a);
  if (kind !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Uint8Array) return equalBytes(a, b as Uint8Array);
  if (a instanceof Set) return equalSets(a, b as Set<unknown>);
  if (a instanceof Map) return equalMaps(a, b as Map<unknown, unknown>);
  if (kind !== Object.prototype && kind !== null) return false;
  return equalObjects(a as Record<string, unknown>, b as Record<string, unknown>);
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function equalSets(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const item of a) if (!b.has(item)) return false;
  return true;
}

function equalMaps(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, item] of a) if (!b.has(key) || !structural(item, b.get(key))) return false;
  return true;
}

function equalObjects(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) if (!Object.hasOwn(b, key) || !structural(a[key], b[key])) return false;
  return true;
}
