/**
 * What tells most programs to use the forward proxy of mode `proxy`. In both spellings, for programs differ (curl reads `http_proxy` in
 * lower case only); exceptions are taken away, for each would be a way around the proxy, except for loopback itself.
 */
export function proxyEnvironment(port: number, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const proxy = `http://127.0.0.1:${port}`;
  const own = 'localhost,127.0.0.1,::1';
  const told: NodeJS.ProcessEnv = { http_proxy: proxy, https_proxy: proxy, all_proxy: proxy, no_proxy: own };
  return { ...env, ...told, ...Object.fromEntries(Object.entries(told).map(([name, value]) => [name.toUpperCase(), value])) };
}
