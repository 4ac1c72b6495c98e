import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { entry, gateway, gatewayProxy, inside, MUTUAL, PLAIN, routes, rule, serve, server, subsets } from './testing/gateway.ts';

describe('servers that pass mesh TLS on to what its name says', () => {
  const AUTO = 'tls: {mode: AUTO_PASSTHROUGH}';
  const eastWest = gateway('g', server(15443, 'TLS', '"*.local"', AUTO));
  const calling = (sni: string, alpn = 'istio') => ({ port: 15443, tls: 'mtls', sni, alpn: [alpn] });
  const json = (list: readonly unknown[]) => list as readonly Readonly<Record<string, unknown>>[];
  const addresses = (text: string, name: string, mesh = {}) => {
    const { endpoints, clusters } = serve(text, { mesh }).resources;
    const inline = json(clusters).find((one) => one['name'] === name)?.['loadAssignment'];
    const set = json(endpoints).find((one) => one['clusterName'] === name) ?? inline;
    return [...JSON.stringify(set).matchAll(/"address":"([^"]+)"/g)].map(([, address]) => address);
  };
  const clusterOf = (text: string, name: string) => json(serve(text).resources.clusters).find((one) => one['name'] === name);

  test('each port and subset of a service inside the mesh is called by the name of its cluster', () => {
    const served = serve(eastWest + inside('a.shop.local') + subsets('a.shop.local'));
    assert.equal(served.call(calling('outbound_.80_._.a.shop.local')), 'outbound_.80_._.a.shop.local');
    assert.equal(served.call(calling('outbound_.90_._.a.shop.local')), 'outbound_.90_._.a.shop.local');
    assert.equal(served.call(calling('outbound_.80_.v1_.a.shop.local')), 'outbound_.80_.v1_.a.shop.local');
    assert.equal(served.call(calling('outbound_.80_.v2_.a.shop.local')), 'NoFilterChain');
    assert.equal(served.call(calling('a.shop.local')), 'NoFilterChain');
    assert.deepEqual(served.said, []);
  });

  test('only protocols of mesh TLS are let through', () => {
    const served = serve(eastWest + inside('a.shop.local'));
    for (const alpn of ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'])
      assert.equal(served.call(calling('outbound_.80_._.a.shop.local', alpn)), 'outbound_.80_._.a.shop.local', alpn);
    assert.equal(served.call(calling('outbound_.80_._.a.shop.local', 'h2')), 'NoFilterChain');
    assert.equal(served.call({ ...calling(''), tls: 'plaintext', sni: '', alpn: [] }), 'NoFilterChain');
  });

  test('hosts of the server say which services; those outside the mesh are none of them', () => {
    const served = serve(eastWest + inside('a.shop.local') + inside('a.example') + entry('out.local'));
    assert.equal(served.call(calling('outbound_.80_._.a.example')), 'NoFilterChain');
    assert.equal(served.call(calling('outbound_.443_._.out.local')), 'NoFilterChain');
    const names = json(served.resources.clusters).map(({ name }) => String(name));
    assert.ok(names.includes('outbound|443||out.local') && !names.includes('outbound_.443_._.out.local'), names.join(' '));
  });

  test('no TLS is begun, whatever a rule says of it, and the rest of the rule counts', () => {
    const text = eastWest + inside('a.shop.local') + subsets('a.shop.local', 'ISTIO_MUTUAL');
    const own = clusterOf(text, 'outbound|80||a.shop.local');
    const passed = clusterOf(text, 'outbound_.80_._.a.shop.local');
    assert.ok(own?.['transportSocket'] && passed);
    assert.equal(passed['transportSocket'] ?? passed['transportSocketMatches'], undefined);
    assert.match(JSON.stringify(passed['circuitBreakers']), /"maxConnections":7/);
    assert.equal((passed['edsClusterConfig'] as { serviceName: string }).serviceName, 'outbound_.80_._.a.shop.local');
    const automatic = clusterOf(eastWest + inside('a.shop.local'), 'outbound_.80_._.a.shop.local');
    assert.equal(automatic?.['transportSocketMatches'], undefined);
  });

  test('only endpoints that end mesh TLS are behind it', () => {
    const name = 'outbound_.80_._.a.shop.local';
    assert.deepEqual(addresses(eastWest + inside('a.shop.local'), name), ['10.1.0.1']);
    assert.deepEqual(addresses(eastWest + inside('a.shop.local'), 'outbound|80||a.shop.local'), ['10.1.0.1', '10.1.0.2']);
    assert.deepEqual(addresses(eastWest + inside('a.shop.local') + subsets('a.shop.local', 'DISABLE'), name), []);
    assert.deepEqual(addresses(eastWest + inside('a.shop.local', 'DNS'), name), ['10.1.0.1']);
    assert.deepEqual(addresses(eastWest + inside('a.shop.local', 'DNS_ROUND_ROBIN', MUTUAL), name), ['10.1.0.1']);
    const lookedUp = { sallyport: { dns: { resolvedBy: 'control-plane', resolvers: ['192.0.2.53'] } } };
    assert.deepEqual(addresses(eastWest + inside('a.shop.local', 'DNS'), name, lookedUp), ['10.1.0.1']);
    // Envoy refuses a LOGICAL_DNS cluster without its one endpoint.
    const none = clusterOf(eastWest + inside('a.shop.local', 'DNS_ROUND_ROBIN', PLAIN), name);
    assert.deepEqual([none?.['type'], none?.['loadAssignment']], ['STRICT_DNS', { clusterName: name }]);
  });

  test('a proxy without such a server has no such cluster', () => {
    const { clusters, endpoints } = serve(gateway('g', server(80, 'HTTP', '"*"')) + inside('a.shop.local')).resources;
    assert.ok(clusters.length > 1);
    assert.doesNotMatch(JSON.stringify([clusters, endpoints]), /"(name|clusterName)":"outbound_\./);
  });

  test('nothing leads to wildcards, nor to where a connection was going before, which is the gateway', () => {
    const passthrough = rule('p', '{host: a.shop.local, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}');
    const served = serve(eastWest + inside('a.shop.local') + passthrough + inside('*.wild.local', 'NONE', ''));
    assert.deepEqual(served.listeners, {});
    const names = json(served.resources.clusters).map(({ name }) => String(name));
    assert.ok(names.includes('outbound|80||a.shop.local') && names.includes('outbound|80||*.wild.local'), names.join(' '));
    assert.deepEqual(
      names.filter((name) => name.startsWith('outbound_.')),
      [],
    );
  });

  test('an agent without certificates passes on what it could not open, and a rule’s mutual TLS with it', () => {
    const proxy = gatewayProxy({ metadata: { SALLYPORT_NO_IDENTITY: 'true' } });
    const served = serve(eastWest + inside('a.shop.local') + subsets('a.shop.local', 'ISTIO_MUTUAL'), { proxy });
    assert.equal(served.call(calling('outbound_.80_._.a.shop.local')), 'outbound_.80_._.a.shop.local');
    assert.equal(
      json(served.resources.clusters).some(({ name }) => name === 'outbound|80||a.shop.local'),
      false,
    );
  });

  test('servers that let the same service through share a chain; routes stand beside it on the port', () => {
    const more = server(15443, 'TLS', 'a.shop.local', AUTO).replace('name: p15443', 'name: more');
    const passing = server(15443, 'TLS', 'x.example', 'tls: {mode: PASSTHROUGH}').replace('name: p15443', 'name: pass');
    const tlsRoutes = 'tls: [{match: [{sniHosts: [x.example]}], route: [{destination: {host: x.example, port: {number: 443}}}]}]';
    const served = serve(
      gateway('g', server(15443, 'TLS', '"*.local"', AUTO), more, passing) +
        inside('a.shop.local') +
        entry('x.example') +
        routes('v', 'x.example', tlsRoutes),
    );
    assert.deepEqual(served.said, []);
    assert.equal(served.call(calling('outbound_.80_._.a.shop.local')), 'outbound_.80_._.a.shop.local');
    assert.equal(served.call({ port: 15443, tls: 'tls', sni: 'x.example' }), 'outbound|443||x.example');
  });

  test('a server that no service is behind opens nothing, and that is said', () => {
    const served = serve(eastWest + inside('a.example'));
    assert.deepEqual(served.listeners, {});
    assert.deepEqual(served.said, ['INEFFECTIVE g spec.servers.0.hosts']);
  });

  test('who may call is for the services to say, not for the gateway, and a policy that meant to is told', () => {
    const policy = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody, namespace: edge}
spec: {}
`;
    const passing = server(15443, 'TLS', 'x.example', 'tls: {}').replace('name: p15443', 'name: pass');
    const chains = (text: string) =>
      (serve(text + policy).listeners['0.0.0.0_15443']!['filterChains'] as unknown as object[]).map((chain) =>
        /network\.rbac/.test(JSON.stringify(chain)),
      );
    assert.deepEqual(chains(eastWest + inside('a.shop.local')), [false, false]);
    assert.deepEqual(serve(eastWest + inside('a.shop.local') + policy).said, ['INEFFECTIVE g spec.servers.0.tls.mode']);
    const tlsRoutes = 'tls: [{match: [{sniHosts: [x.example]}], route: [{destination: {host: x.example, port: {number: 443}}}]}]';
    assert.deepEqual(chains(gateway('g', passing) + entry('x.example') + routes('v', 'x.example', tlsRoutes)), [true]);
  });

  test('a server that is left out has no clusters', () => {
    const plain = gateway('a', server(15443, 'HTTP', '"*.local"'));
    const served = serve(plain + eastWest + inside('a.shop.local'));
    assert.deepEqual(served.said, ['PORT_CONFLICT g spec.servers.0']);
    assert.equal(clusterOf(plain + eastWest + inside('a.shop.local'), 'outbound_.80_._.a.shop.local'), undefined);
  });
});
