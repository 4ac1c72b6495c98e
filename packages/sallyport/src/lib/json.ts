/** JSON with keys in code-unit order, so that equal values are equal text. */
export function canonicalJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, (_, item: unknown) => (isPlain(item) ? sortKeys(item) : item), indent);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
