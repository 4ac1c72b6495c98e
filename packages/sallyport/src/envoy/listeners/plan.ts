import type { MessageInitShape } from '@bufbuild/protobuf';
import { TrafficDirection } from '@sallyport/apis/core';
import { HttpInspectorSchema, type ListenerFilterSchema, ListenerSchema, TlsInspectorSchema } from '@sallyport/apis/listener';
import { contentHash } from '../../lib/hash.ts';
import type { Resource } from '../../model/index.ts';
import { anyOf, assembled, durationOf, encode, type Fields, versionOf } from '../encode.ts';
import { type AccessLogging, listenerLoggersOf } from './access-log.ts';
import { type HttpChainSpec, httpChainKey } from './http-chain.ts';
import { listenerChain, type TcpChainSpec } from './tcp-chain.ts';

/** A chain of a listener: ready bytes, or what bytes are made from. */
export type ChainRef =
  | { readonly kind: 'encoded'; readonly bytes: Uint8Array }
  | { readonly kind: 'http'; readonly spec: HttpChainSpec }
  /** Chains that belong to the listener and to no service. */
  | { readonly kind: 'tcp'; readonly spec: TcpChainSpec; readonly emptyMatch?: boolean; readonly destinationPort?: number };

/** A listener before it is encoded. Classes with the same `key` share the encoded one. */
export interface ListenerPlan {
  readonly name: string;
  readonly key: string;
  readonly head: ListenerHead;
  readonly chains: readonly ChainRef[];
  readonly fallback: ChainRef | undefined;
}

/** Everything of a listener but its chains (spec/istio.md 10.3). */
export interface ListenerHead {
  readonly bind: string;
  readonly furtherBinds: readonly string[];
  /** 0 for a unix socket. */
  readonly port: number;
  readonly kind: 'captured' | 'bound' | 'capture' | 'transparent-capture' | 'gateway';
  readonly tlsInspector: boolean;
  readonly httpInspector: boolean;
  /** Time-out of listener filters; absent where the field is left out. */
  readonly filtersTimeout?: string;
  readonly logging: AccessLogging | undefined;
}

/** Field numbers of Listener. */
const FILTER_CHAINS = 3;
const DEFAULT_FILTER_CHAIN = 25;

/** A plan with the key of its content. */
export function planned(
  name: string,
  head: ListenerHead,
  chains: readonly ChainRef[],
  fallback: ChainRef | undefined,
): ListenerPlan {
  const refs = fallback === undefined ? chains : [...chains, fallback];
  const key = `${name}\n${contentHash(JSON.stringify(head), ' ', fallback === undefined ? '' : '+', ...refs.map(refKey))}`;
  return { name, key, head, chains, fallback };
}

function refKey(ref: ChainRef): string {
  switch (ref.kind) {
    case 'encoded':
      return `${versionOf(ref.bytes)} `;
    case 'http':
      return `${httpChainKey(ref.spec)} `;
    case 'tcp':
      return `${JSON.stringify(ref)} `;
  }
}

/** The listener's bytes: head and chains put behind each other. `http` gives the bytes of a connection manager's chain. */
export function encodedListener(plan: ListenerPlan, http: (key: string) => Uint8Array): Resource {
  const bytesOf = (ref: ChainRef): Uint8Array => {
    switch (ref.kind) {
      case 'encoded':
        return ref.bytes;
      case 'http':
        return http(httpChainKey(ref.spec));
      case 'tcp':
        return ownChain(ref);
    }
  };
  return assembled('listener', plan.name, encode(ListenerSchema, headInit(plan.name, plan.head)), [
    { field: FILTER_CHAINS, bytes: plan.chains.map(bytesOf) },
    { field: DEFAULT_FILTER_CHAIN, bytes: plan.fallback === undefined ? [] : [bytesOf(plan.fallback)] },
  ]);
}

/** The connection manager chains of a plan, by key. */
export function httpChainsOf({ chains, fallback }: ListenerPlan): readonly (readonly [string, HttpChainSpec])[] {
  const refs = fallback === undefined ? chains : [...chains, fallback];
  return refs.flatMap((ref) => (ref.kind === 'http' ? [[httpChainKey(ref.spec), ref.spec] as const] : []));
}

function ownChain({ spec, emptyMatch, destinationPort }: Extract<ChainRef, { kind: 'tcp' }>): Uint8Array {
  return listenerChain(spec, destinationPort === undefined ? (emptyMatch ? {} : undefined) : { destinationPort });
}

function headInit(name: string, head: ListenerHead): MessageInitShape<typeof ListenerSchema> {
  const captured = head.kind === 'captured';
  const capture = head.kind === 'capture' || head.kind === 'transparent-capture';
  const listenerFiltersTimeout = durationOf(head.filtersTimeout);
  return {
    name,
    address: addressOf(head.bind, head.port),
    additionalAddresses: head.furtherBinds.map((bind) => ({ address: addressOf(bind, head.port) })),
    trafficDirection: TrafficDirection.OUTBOUND,
    ...(captured ? { bindToPort: false } : { maxConnectionsToAcceptPerSocketEvent: 1 }),
    ...(capture && { useOriginalDst: true }),
    ...(head.kind === 'transparent-capture' && { transparent: true }),
    // What a gateway cannot tell in time it does not serve.
    ...(!capture && head.kind !== 'gateway' && { continueOnListenerFiltersTimeout: true }),
    ...(listenerFiltersTimeout && { listenerFiltersTimeout }),
    listenerFilters: listenerFilters(head),
    accessLog: listenerLoggersOf(head.logging, name),
  };
}

/** TLS before HTTP: what is TLS is not looked into for HTTP. */
function listenerFilters({ tlsInspector, httpInspector }: ListenerHead): MessageInitShape<typeof ListenerFilterSchema>[] {
  return [...(tlsInspector ? [tlsInspection()] : []), ...(httpInspector ? [httpInspection()] : [])];
}

/** Finds out whether a connection is TLS, for which server and with which protocols. */
export function tlsInspection(): Fields<typeof ListenerFilterSchema> {
  const config = anyOf(TlsInspectorSchema, { initialReadBufferSize: 512 });
  return { name: 'envoy.filters.listener.tls_inspector', configType: { case: 'typedConfig', value: config } };
}

/** Finds out whether a connection is HTTP. */
export function httpInspection(): Fields<typeof ListenerFilterSchema> {
  const config = anyOf(HttpInspectorSchema, {});
  return { name: 'envoy.filters.listener.http_inspector', configType: { case: 'typedConfig', value: config } };
}

/** A socket address, or for `unix://…` a path. */
export function addressOf(bind: string, port: number) {
  const path = bind.startsWith('unix://') ? bind.slice('unix://'.length) : undefined;
  if (path !== undefined) return { address: { case: 'pipe', value: { path } } } as const;
  const socket = { address: bind, portSpecifier: { case: 'portValue', value: port } } as const;
  return { address: { case: 'socketAddress', value: socket } } as const;
}
