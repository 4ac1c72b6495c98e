import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testRegistry } from './testing/registry.ts';

const entry = (annotations: string, spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: shop, annotations: {${annotations}}}\nspec: ${spec}\n`;
const WILDCARD = `{hosts: ['*.example.com'], addresses: ['198.51.100.0/24'], ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: https, protocol: HTTPS}, {number: 5432, name: db, protocol: TCP}, {number: 81, name: auto}, {number: 82, name: moved, protocol: HTTP, targetPort: 8082}]}`;
const NAME = `{hosts: [a.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}`;

function made(sallyport: unknown, text: string) {
  const registry = testRegistry();
  registry.setMesh({ sallyport });
  registry.write(text);
  const services = [...registry.outputs.services.entries()].map(([, service]) => service);
  const issues = registry.outputs.issues.flatMap((table) => [...table.entries()].map(([, issue]) => issue));
  return { service: services[0]!, issues: issues.filter(({ code }) => code !== 'NO_PROTOCOL' && code !== 'TLS_NOT_DECLARED') };
}
const codes = ({ issues }: ReturnType<typeof made>) => issues.map(({ code, severity }) => `${code} ${severity}`).sort();

describe('a wildcard with resolution NONE', () => {
  test('goes where the caller wants, as in Istio', () => {
    const { service } = made({}, entry('', WILDCARD));
    assert.equal(service.resolution, 'none');
    assert.equal(service.ports.length, 5);
  });

  test('without addresses is warned of', () => {
    assert.deepEqual(codes(made({}, entry('', WILDCARD.replace(/addresses: [^\]]*\], /, '')))), ['ADDRESS_UNCHECKED warning']);
  });

  for (const [what, sallyport, annotations] of [
    ['the mesh', { wildcards: 'dynamic-dns' }, ''],
    ['the entry', {}, 'sallyport.io/wildcards: dynamic-dns'],
    ['strict enforcement', { enforcement: 'strict' }, ''],
  ] as const) {
    test(`is looked up by the proxy when ${what} says so, on ports that carry a name`, () => {
      const outcome = made(sallyport, entry(annotations, WILDCARD));
      const { resolution, addresses, ports, guard } = outcome.service;
      assert.equal(resolution, 'dynamic-dns');
      assert.deepEqual(addresses, []);
      assert.deepEqual(
        ports.map(({ number, protocol }) => `${number} ${protocol}`),
        ['80 http', '443 tls'],
      );
      assert.deepEqual(guard, { allowed: [] });
      assert.deepEqual(codes(outcome), ['UNSUPPORTED error', 'UNSUPPORTED error', 'UNSUPPORTED error']);
    });
  }

  test('is not opened again by its owner in a strict mesh', () => {
    const outcome = made({ enforcement: 'strict' }, entry('sallyport.io/wildcards: original-destination', WILDCARD));
    assert.equal(outcome.service.resolution, 'dynamic-dns');
    assert.ok(codes(outcome).includes('INEFFECTIVE warning'));
  });

  test('may lie in the ranges that the mesh allows for it', () => {
    const allowedAddresses = [
      '10.88.0.1',
      { hosts: ['*.example.com'], ranges: ['10.1.0.0/16'] },
      { hosts: ['*.other'], ranges: ['10.2.0.0/16'] },
    ];
    const { service } = made({ wildcards: 'dynamic-dns', dns: { allowedAddresses } }, entry('', WILDCARD));
    assert.deepEqual(service.guard, { allowed: ['10.1.0.0/16', '10.88.0.1/32'] });
  });
});

describe('a plain host with resolution NONE', () => {
  const PLAIN = WILDCARD.replace("'*.example.com'", 'a.example.com').replace(/addresses: [^\]]*\], /, '');

  test('goes where the caller wants, as in Istio, unless enforcement is strict', () => {
    assert.equal(made({ wildcards: 'dynamic-dns' }, entry('', PLAIN)).service.resolution, 'none');
    const strict = made({ enforcement: 'strict' }, entry('', PLAIN));
    const { resolution, resolvedBy, ports, guard } = strict.service;
    assert.deepEqual([resolution, resolvedBy, guard], ['dns', 'control-plane', { allowed: [] }]);
    assert.deepEqual(
      ports.map(({ number }) => number),
      [80, 443, 82],
    );
    assert.deepEqual(codes(strict), ['UNSUPPORTED error', 'UNSUPPORTED error']);
  });

  test('keeps its address range', () => {
    const ranged = WILDCARD.replace("'*.example.com'", 'a.example.com');
    assert.equal(made({ enforcement: 'strict' }, entry('', ranged)).service.resolution, 'none');
  });
});

describe('a name with resolution DNS', () => {
  test('is looked up by whom mesh and entry say, the entry first', () => {
    const by = (sallyport: unknown, annotations = '') => made(sallyport, entry(annotations, NAME)).service.resolvedBy;
    assert.equal(by({}), undefined);
    assert.equal(by({ dns: 'control-plane' }), 'control-plane');
    assert.equal(by({ dns: { resolvedBy: 'control-plane' } }, 'sallyport.io/dns: proxy'), undefined);
    assert.equal(by({}, 'sallyport.io/dns: control-plane'), 'control-plane');
    assert.equal(by({ enforcement: 'strict' }), 'control-plane');
    assert.equal(by({ enforcement: 'strict', dns: 'proxy' }), undefined);
    assert.equal(by({ enforcement: 'strict' }, 'sallyport.io/dns: proxy'), 'control-plane');
  });

  test('is guarded in a strict mesh only', () => {
    assert.equal(made({ dns: 'control-plane' }, entry('', NAME)).service.guard, undefined);
    assert.deepEqual(made({ enforcement: 'strict' }, entry('', NAME)).service.guard, { allowed: [] });
  });
});

test('annotations that mean nothing are said', () => {
  assert.deepEqual(codes(made({}, entry('sallyport.io/dns: server', NAME))), ['INVALID_VALUE error']);
  assert.deepEqual(codes(made({}, entry('sallyport.io/wildcards: dynamic-dns', NAME))), ['INEFFECTIVE warning']);
  assert.deepEqual(codes(made({ enforcement: 'strict' }, entry('sallyport.io/dns: proxy', NAME))), ['INEFFECTIVE warning']);
});

test('options of the mesh are read, and what is wrong in them is said', () => {
  const read = (dns: unknown) => {
    const registry = testRegistry();
    registry.setMesh({ sallyport: { dns } });
    const issues = registry.outputs.issues.flatMap((table) => [...table.entries()].map(([, { message }]) => message));
    return { dns: registry.outputs.mesh.get('mesh')?.sallyport.dns, issues };
  };
  assert.deepEqual(read({ resolvers: ['192.0.2.1', '[2001:db8::1]:5353', { address: '192.0.2.2:54', zone: 'b' }] }), {
    dns: {
      resolvers: [
        { address: '192.0.2.1', port: 53 },
        { address: '2001:db8::1', port: 5353 },
        { address: '192.0.2.2', port: 54, zone: 'b' },
      ],
    },
    issues: [],
  });
  for (const wrong of [
    'nobody',
    { resolvedBy: 'me' },
    { resolvers: ['dns.example.com'] },
    { resolvers: ['192.0.2.1:0'] },
    { minTtl: '0s' },
    { minTtl: '10s', maxTtl: '5s' },
    { allowedAddresses: ['10.0.0.0/33'] },
    { allowedAddresses: '10.0.0.0/8' },
    { ttl: '5s' },
  ])
    assert.equal(read(wrong).issues.length, 1, JSON.stringify(wrong));
});
