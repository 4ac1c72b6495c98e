import type { Finding } from './finding.ts';
import { isMapping } from './normalise.ts';
import type { Path } from './yaml/position.ts';

/** What `envsubst` or a here-document of a shell fills in: `${REMOTE_CLUSTER1}`, or a whole value `$REMOTE_CLUSTER1`. */
const PLACEHOLDER = /\$\{[A-Z][A-Z0-9_]*\}|^\$[A-Z][A-Z0-9_]*$/;

/**
 * Values that a shell should have filled in before the document was read. In a Gloo resource they name clusters, workspaces and
 * hosts, and nothing could be made of it; elsewhere such a text may be meant.
 */
export function* placeholdersIn(value: unknown, severity: 'error' | 'warning', field: Path = []): Iterable<Finding> {
  if (typeof value === 'string') {
    const [found] = (value.includes('$') && PLACEHOLDER.exec(value)) || [];
    if (found === undefined) return;
    const variable = found.replace(/[${}]/g, '');
    yield {
      code: 'PLACEHOLDER',
      severity,
      field,
      message: `\`${found}\` is a placeholder that was not filled in`,
      hint: `write the value, or let a shell do it: export ${variable}=… and envsubst < FILE | sallyport apply -f -`,
    };
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* placeholdersIn(item, severity, [...field, i]);
  } else if (isMapping(value)) {
    for (const [key, item] of Object.entries(value)) yield* placeholdersIn(item, severity, [...field, key]);
  }
}
