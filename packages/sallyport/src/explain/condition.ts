import type { HttpRequest } from './request.ts';

/** One thing that a route wants of a request. */
export interface Condition {
  /** In words, e.g. `path starts with "/api"`. */
  readonly text: string;
  holds(request: HttpRequest): boolean;
}
