import type { FieldPath, HttpRoute } from '../../../../model/index.ts';
import type { Remark } from '../target.ts';

/** What a policy puts on a route: fields of the route, and which of the policy's fields (below `spec`) each was made from. */
export interface Effect {
  readonly fields: Partial<HttpRoute>;
  readonly from: Readonly<Record<string, readonly string[]>>;
  /** Set where the policy cannot be carried out on this route; then there are no fields. */
  readonly problem?: Remark & { readonly field: FieldPath };
}
