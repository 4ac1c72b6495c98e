import type { Listener } from '@sallyport/apis/listener';
import { ipFamily } from '../lib/ip.ts';
import type { Call } from './call.ts';
import { bindKey, type ResourceIndex } from './resource-index.ts';
import type { ListenerStep } from './step.ts';

/** Names of the two listeners that captured connections arrive at (spec/istio.md 10.3). */
const INBOUND = 'virtualInbound';
const CATCH_ALL = 'virtualOutbound';

/**
 * The listener that takes a connection (spec/istio.md 8): the one bound to exactly this address and port, else to the
 * wildcard of the same family, else to 0.0.0.0, else the one for everything captured. Additional addresses count.
 */
export function chooseListener(
  index: ResourceIndex,
  { address, port, inbound }: Pick<Call, 'address' | 'port' | 'inbound'>,
): { readonly listener?: Listener; readonly step: ListenerStep } {
  const tried: string[] = [];
  const result = (by: ListenerStep['by'], listener?: Listener) => ({
    ...(listener !== undefined && { listener }),
    step: { at: 'listener', tried, by, ...(listener !== undefined && { listener: listener.name }) } as const,
  });
  const named = (name: string, by: ListenerStep['by']) => {
    tried.push(name);
    const listener = index.listeners.get(name);
    return result(listener === undefined ? 'none' : by, listener);
  };
  if (inbound) return named(INBOUND, 'inbound');
  const wildcard = ipFamily(address) === 6 ? '::' : '0.0.0.0';
  for (const [by, bind] of [
    ['exact', address],
    ['wildcard', wildcard],
    ['any', '0.0.0.0'],
  ] as const) {
    const key = bindKey(bind, port);
    if (tried.includes(key)) continue;
    tried.push(key);
    const listener = index.binds.get(key);
    if (listener !== undefined) return result(by, listener);
  }
  return named(CATCH_ALL, 'catchAll');
}
