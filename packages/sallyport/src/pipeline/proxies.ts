import type { Outcome, ProxyNode } from '../model/index.ts';
import type { Vip } from '../registry/index.ts';
import { proxyOfJson } from '../scope/index.ts';

/** Ways to say which proxy is meant: as `--proxy` JSON, or as a node of an xDS stream. */
export { proxyOfJson, proxyOfNode } from '../scope/index.ts';

/** The JSON of `--proxy`. */
export type ProxyJson = Readonly<Record<string, unknown>>;

/**
 * The allocator inside istiod gives addresses only to proxies that capture DNS, so choosing it says that this one does
 * (design.md section 4, `--vip`). What the proxy says itself of DNS stays.
 */
function capturingDns(proxy: ProxyJson): ProxyJson {
  const { metadata = {} } = proxy;
  if (!isObject(metadata)) return proxy;
  return { ...proxy, metadata: { DNS_CAPTURE: 'true', DNS_AUTO_ALLOCATE: 'true', ...metadata } };
}

/** Reads `--proxy` (already parsed) beside `--vip`. */
export function proxyArgument(json: unknown, vip: Vip): Outcome<ProxyNode> {
  return proxyOfJson(vip !== 'status' && isObject(json) ? capturingDns(json) : json);
}

function isObject(json: unknown): json is ProxyJson {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
