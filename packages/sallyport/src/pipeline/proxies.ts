/** Ways to say which proxy is meant: as `--proxy` JSON, or as a node of an xDS stream. */
export { proxyOfJson, proxyOfNode } from '../scope/index.ts';

/** The JSON of `--proxy`. */
export type ProxyJson = Readonly<Record<string, unknown>>;

/**
 * The allocator inside istiod gives addresses only to proxies that capture DNS, so choosing it says that this one does
 * (design.md section 4, `--vip`). What the proxy says itself of DNS stays.
 */
export function capturingDns(proxy: ProxyJson): ProxyJson {
  const metadata = (proxy['metadata'] ?? {}) as ProxyJson;
  return { ...proxy, metadata: { DNS_CAPTURE: 'true', DNS_AUTO_ALLOCATE: 'true', ...metadata } };
}
