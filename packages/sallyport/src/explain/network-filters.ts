import { anyIs, anyUnpack } from '@bufbuild/protobuf/wkt';
import { type HttpConnectionManager, HttpConnectionManagerSchema } from '@sallyport/apis/http';
import type { FilterChain } from '@sallyport/apis/listener';
import {
  type NetworkRBAC,
  NetworkRBACSchema,
  SniDynamicForwardProxySchema,
  type TcpProxy,
  TcpProxySchema,
} from '@sallyport/apis/network';
import { once } from './once.ts';

/** Who may connect, asked in order before the filter that ends the chain. */
export const networkRulesOf = once((chain: FilterChain): readonly NetworkRBAC[] =>
  chain.filters.flatMap(({ configType }) => {
    const rbac = configType.case === 'typedConfig' ? anyUnpack(configType.value, NetworkRBACSchema) : undefined;
    return rbac === undefined ? [] : [rbac];
  }),
);

/** What decides about a connection on a chain: the first TCP proxy or HTTP connection manager, which ends the chain. */
export type Terminal =
  | { readonly kind: 'tcp'; readonly proxy: TcpProxy; readonly bySni: boolean }
  | { readonly kind: 'http'; readonly manager: HttpConnectionManager }
  | { readonly kind: 'none' };

export const terminalOf = once((chain: FilterChain): Terminal => {
  let bySni = false;
  for (const { configType } of chain.filters) {
    if (configType.case !== 'typedConfig') continue;
    const proxy = anyUnpack(configType.value, TcpProxySchema);
    if (proxy !== undefined) return { kind: 'tcp', proxy, bySni };
    const manager = anyUnpack(configType.value, HttpConnectionManagerSchema);
    if (manager !== undefined) return { kind: 'http', manager };
    bySni ||= anyIs(configType.value, SniDynamicForwardProxySchema);
  }
  return { kind: 'none' };
});
