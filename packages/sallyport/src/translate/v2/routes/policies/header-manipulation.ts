import type { HeaderManipulationPolicySpec, HeaderOperations, Headers } from '../../../../model/index.ts';
import type { Effect } from './effect.ts';

/** For all of a route; for one of its destinations the same headers stand there instead (spec/gloo.md 2.9). */
export function headerManipulation(spec: HeaderManipulationPolicySpec): Effect {
  return { fields: { headers: headersOf(spec) }, from: { headers: ['config'] } };
}

/** Appending is Istio's `add` (spec/gloo.md 5, U26). */
export function headersOf({ config = {} }: HeaderManipulationPolicySpec): Headers {
  const request = operations(config.appendRequestHeaders, config.removeRequestHeaders);
  const response = operations(config.appendResponseHeaders, config.removeResponseHeaders);
  return { ...(request !== undefined && { request }), ...(response !== undefined && { response }) };
}

function operations(add: HeaderOperations['add'], remove: HeaderOperations['remove']): HeaderOperations | undefined {
  const [adds, removes] = [Object.keys(add ?? {}).length > 0, (remove ?? []).length > 0];
  if (!adds && !removes) return undefined;
  return { ...(adds && { add: add! }), ...(removes && { remove: remove! }) };
}

/** What one destination does to headers, and what a policy for it does besides. */
export function joinHeaders(a: Headers | undefined, b: Headers): Headers {
  if (a === undefined) return b;
  const join = (one: HeaderOperations | undefined, other: HeaderOperations | undefined): HeaderOperations | undefined =>
    one === undefined || other === undefined
      ? (one ?? other)
      : {
          ...((one.set ?? other.set) !== undefined && { set: { ...one.set, ...other.set } }),
          ...((one.add ?? other.add) !== undefined && { add: { ...one.add, ...other.add } }),
          ...((one.remove ?? other.remove) !== undefined && { remove: [...(one.remove ?? []), ...(other.remove ?? [])] }),
        };
  const [request, response] = [join(a.request, b.request), join(a.response, b.response)];
  return { ...(request !== undefined && { request }), ...(response !== undefined && { response }) };
}
