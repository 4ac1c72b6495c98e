import type { MessageInitShape } from '@bufbuild/protobuf';
import { TrafficDirection } from '@sallyport/apis/core';
import { type ListenerFilterSchema, ListenerSchema, OriginalDstSchema, OriginalSrcSchema } from '@sallyport/apis/listener';
import { contentHash } from '../../lib/hash.ts';
import { canonicalJson } from '../../lib/json.ts';
import type { ClassInbound, Resource, ServedPort } from '../../model/index.ts';
import { anyOf, assembled, durationOf, encode } from '../encode.ts';
import { type AccessLogging, listenerLoggersOf } from '../listeners/access-log.ts';
import { addressOf } from '../listeners/plan.ts';
import { outboundListener, VIRTUAL_INBOUND } from '../names.ts';
import { inboundChainKey } from './chain.ts';
import { bindOf, type InboundChain, type InboundMatch, isBound, servedChains, virtualInboundChains } from './chains.ts';
import type { ChainFacts, InboundFacts } from './facts.ts';
import { inspectors } from './inspectors.ts';

/** An inbound listener before it is encoded. Classes with the same `key` share the encoded one. */
export interface InboundListener {
  readonly key: string;
  readonly name: string;
  readonly head: InboundHead;
  readonly chains: readonly ChainToEncode[];
}

export interface ChainToEncode {
  readonly key: string;
  readonly chain: InboundChain;
  readonly listener: string;
  readonly facts: ChainFacts;
}

interface InboundHead {
  readonly bind: string;
  readonly furtherBinds: readonly string[];
  readonly port: number;
  readonly capture: 'none' | 'redirect' | 'tproxy';
  readonly detectionTimeout: string;
  readonly logging: AccessLogging | undefined;
  readonly matches: readonly InboundMatch[];
}

/** Field number of Listener.filter_chains. */
const FILTER_CHAINS = 3;
/** Connections made for a caller bear this mark, so that capture lets them by (spec/istio.md 10.3). */
const MARK = 1337;

/** virtualInbound where calls are captured, and a listener for each port that is really bound (spec/istio.md 10.3). */
export function inboundListeners(inbound: ClassInbound, facts: InboundFacts): readonly InboundListener[] {
  const bound = inbound.ports.filter((port) => isBound(port, facts)).map((port) => ownListener(port, facts));
  if (facts.capture === 'none') return bound;
  const place = { bind: facts.bind, furtherBinds: facts.furtherBinds, port: facts.capturePort, capture: facts.capture };
  return [planned(VIRTUAL_INBOUND, place, virtualInboundChains(inbound, facts), facts), ...bound];
}

function ownListener(served: ServedPort, facts: InboundFacts): InboundListener {
  const bind = bindOf(served, facts);
  const place = { bind, furtherBinds: [], port: served.target, capture: 'none' as const };
  return planned(outboundListener(bind, served.target), place, servedChains(served, facts), facts);
}

function planned(
  name: string,
  place: Pick<InboundHead, 'bind' | 'furtherBinds' | 'port' | 'capture'>,
  chains: readonly InboundChain[],
  { chains: facts, detectionTimeout }: InboundFacts,
): InboundListener {
  const matches = chains.map(({ match }) => match);
  const head = { ...place, detectionTimeout, logging: facts.http.logging, matches };
  const encodable = chains.map((chain) => ({ key: inboundChainKey(chain, name, facts), chain, listener: name, facts }));
  const content = contentHash(canonicalJson(head), ...encodable.map(({ key }) => ` ${key}`));
  return { key: `${name}\n${content}`, name, head, chains: encodable };
}

/** The listener's bytes: head and chains put behind each other. */
export function inboundListenerResource({ name, head, chains }: InboundListener, bytesOf: (key: string) => Uint8Array): Resource {
  const bytes = chains.map(({ key }) => bytesOf(key));
  return assembled('listener', name, encode(ListenerSchema, headInit(name, head)), [{ field: FILTER_CHAINS, bytes }]);
}

function headInit(name: string, head: InboundHead): MessageInitShape<typeof ListenerSchema> {
  const { bind, furtherBinds, port, capture } = head;
  const listenerFiltersTimeout = durationOf(head.detectionTimeout);
  return {
    name,
    address: addressOf(bind, port),
    additionalAddresses: furtherBinds.map((further) => ({ address: addressOf(further, port) })),
    trafficDirection: TrafficDirection.INBOUND,
    maxConnectionsToAcceptPerSocketEvent: 1,
    continueOnListenerFiltersTimeout: true,
    ...(listenerFiltersTimeout && { listenerFiltersTimeout }),
    ...(capture === 'tproxy' && { transparent: true }),
    listenerFilters: [...originals(capture), ...inspectors(head.matches)],
    accessLog: listenerLoggersOf(head.logging, name),
  };
}

/** Where a captured connection was going, and with TPROXY where it came from. */
function originals(capture: InboundHead['capture']): MessageInitShape<typeof ListenerFilterSchema>[] {
  if (capture === 'none') return [];
  const destination = { case: 'typedConfig', value: anyOf(OriginalDstSchema, {}) } as const;
  const filters = [{ name: 'envoy.filters.listener.original_dst', configType: destination }];
  if (capture === 'redirect') return filters;
  const source = { case: 'typedConfig', value: anyOf(OriginalSrcSchema, { mark: MARK }) } as const;
  return [...filters, { name: 'envoy.filters.listener.original_src', configType: source }];
}
