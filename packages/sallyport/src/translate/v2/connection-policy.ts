import type { ConfigObject, ConnectionPolicySpec, ConnectionPool, PolicyBlocks } from '../../model/index.ts';
import { copied, type Marked, took } from '../sourced.ts';

/** ConnectionPolicy: limits and timeouts of connections (spec/gloo.md 2.9). */
export function connectionBlocks(policy: ConfigObject<ConnectionPolicySpec>): Marked<PolicyBlocks> {
  const { tcp, http } = policy.spec.config ?? {};
  const fromHttp = (name: string, value: number | undefined): Marked<number> | undefined =>
    value === undefined ? undefined : copied(policy, ['spec', 'config', 'http', name], value);
  return {
    connectionPool: took<ConnectionPool>(policy, ['spec', 'config'], {
      ...(tcp !== undefined && { tcp: copied(policy, ['spec', 'config', 'tcp'], tcp) }),
      ...(http !== undefined && {
        http: took<NonNullable<ConnectionPool['http']>>(policy, ['spec', 'config', 'http'], {
          http1MaxPendingRequests: fromHttp('maxPendingRequests', http.maxPendingRequests),
          http2MaxRequests: fromHttp('maxRequests', http.maxRequests),
          maxRequestsPerConnection: fromHttp('maxRequestsPerConnection', http.maxRequestsPerConnection),
          maxRetries: fromHttp('maxRetries', http.maxRetries),
          idleTimeout: copied(policy, ['spec', 'config', 'http', 'idleTimeout'], http.idleTimeout),
        }),
      }),
    }),
  };
}
