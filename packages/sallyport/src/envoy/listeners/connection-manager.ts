import {
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes,
  type HttpConnectionManagerSchema,
  UuidRequestIdConfigSchema,
} from '@sallyport/apis/http';
import type { AuthorizationFacts } from '../authorization/facts.ts';
import { anyOf, durationOf, type Fields } from '../encode.ts';
import { loggersOf } from './access-log.ts';
import type { HttpFacts } from './facts.ts';
import { httpFilters } from './http-filters.ts';
import { tracing } from './tracing.ts';

/** What tells one connection manager of a sidecar from another, beside its routes. */
export interface ManagerSpec {
  readonly facts: HttpFacts;
  /** Name of the listener, for the log. */
  readonly listener: string;
  readonly grpcWeb: boolean;
  /** Who may call; only for what comes in. */
  readonly authorization?: AuthorizationFacts | undefined;
  /** DYNAMIC_DNS wildcards that it routes to. */
  readonly dynamicHosts: readonly string[];
}

/** What connection managers of both directions have in common (spec/istio.md 10.1): all but names, routes and what is told of the caller. */
export function connectionManager({
  facts,
  listener,
  grpcWeb,
  dynamicHosts,
  authorization,
}: ManagerSpec): Fields<typeof HttpConnectionManagerSchema> {
  const { resolvesUnknownHosts } = facts;
  const idleTimeout = durationOf(facts.idleTimeout === '' ? undefined : facts.idleTimeout);
  return {
    httpFilters: httpFilters({ authorization, grpcWeb, dynamicHosts, resolvesUnknownHosts, lookup: facts }),
    ...(facts.tracing && { tracing: tracing(facts.tracing) }),
    ...(facts.http10 && { httpProtocolOptions: http1Options(facts) }),
    ...(idleTimeout && { commonHttpProtocolOptions: { idleTimeout } }),
    streamIdleTimeout: { seconds: 0n },
    useRemoteAddress: false,
    proxy100Continue: true,
    upgradeConfigs: [{ upgradeType: 'websocket' }],
    ...pathHandling(facts.pathNormalization),
    requestIdExtension: { typedConfig: anyOf(UuidRequestIdConfigSchema, { useRequestIdForTraceSampling: true }) },
    accessLog: loggersOf(facts.logging, listener),
  };
}

/** Whoever has more to say of HTTP/1 adds it to this. */
export function http1Options({ http10 }: Pick<HttpFacts, 'http10'>): { readonly acceptHttp10?: true } {
  return http10 ? { acceptHttp10: true } : {};
}

/** Mesh `pathNormalization.normalization`: how paths are brought to one form before they are matched. */
function pathHandling(mode: string) {
  const merge = mode === 'MERGE_SLASHES' || mode === 'DECODE_AND_MERGE_SLASHES';
  const decode = mode === 'DECODE_AND_MERGE_SLASHES';
  return {
    normalizePath: mode !== 'NONE',
    ...(merge && { mergeSlashes: true }),
    pathWithEscapedSlashesAction: decode ? EscapedSlashes.UNESCAPE_AND_FORWARD : EscapedSlashes.KEEP_UNCHANGED,
  };
}
