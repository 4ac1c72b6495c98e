import type { Call } from 'sallyport/explain/index.ts';

/** What a caller is told to do: a call, and an id by which its answer is known. */
export interface Order {
  readonly id: number;
  readonly call: Call;
}

/** How a call ended for its caller. */
export type Ending =
  /** An HTTP response; `standIn` when it came from a stand-in, not from the proxy. */
  | { readonly kind: 'status'; readonly status: number; readonly standIn: boolean; readonly location?: string }
  /** The stand-in's answer to bytes that are no HTTP. */
  | { readonly kind: 'bytes' }
  /** Nobody listens. */
  | { readonly kind: 'refused' }
  /** Closed or reset without an answer, whether in a handshake or after. */
  | { readonly kind: 'closed'; readonly why: string };

export interface Seen {
  readonly id: number;
  /** The caller's own port, which the access log names too. */
  readonly localPort: number;
  readonly ending: Ending;
}

/** By this header a stand-in is told from the proxy. */
export const STAND_IN_HEADER = 'x-stand-in';
/** A stand-in's answer to what is no HTTP. */
export const STAND_IN_BYTES = 'here is a stand-in\n';
/** Bytes that no inspector takes for HTTP or TLS. */
export const PLAIN_BYTES = '\u0001\u0002 neither HTTP nor TLS\r\n\r\n';
