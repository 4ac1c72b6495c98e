/** `*` or anything that starts with it: `*.example.com`, `*-a.example.com`. */
export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** Whether every name that `inner` stands for is also one that `outer` stands for (Istio's SubsetOf, spec/istio.md 2.3). */
export function isSubsetOf(inner: string, outer: string): boolean {
  if (!isWildcard(outer)) return inner === outer;
  const suffix = outer.slice(1);
  const body = isWildcard(inner) ? inner.slice(1) : inner;
  return body.endsWith(suffix);
}

/** Whether some name is meant by both (Istio's Matches). */
export function overlaps(a: string, b: string): boolean {
  return isSubsetOf(a, b) || isSubsetOf(b, a);
}

/** Wildcards that a host may be looked up under, most specific first: `*.b.c`, `*.c`, `*` for `a.b.c`. Partial wildcards are not among them. */
export function* wildcardsOf(host: string): Generator<string> {
  for (let dot = host.indexOf('.', isWildcard(host) ? 2 : 0); dot !== -1; dot = host.indexOf('.', dot + 1))
    yield `*${host.slice(dot)}`;
  if (host !== '*') yield '*';
}

/** Order in which Istio tries patterns: exact before wildcard, longer before shorter, then by text. */
export function bySpecificity(a: string, b: string): number {
  return Number(isWildcard(a)) - Number(isWildcard(b)) || b.length - a.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** All pairs of the pattern are present: how Kubernetes and Istio match an equality selector. */
export function selects(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}
