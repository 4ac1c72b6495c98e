import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aRouting, aService, aSidecar, importing, NOBODY, ports, settle, to, type World } from './testing/rows.ts';

/** `CODE severity message`, sorted. */
function findings(world: World): readonly string[] {
  const { outputs } = settle(world);
  const rows = outputs.issues.flatMap((table) => [...table.entries()].map(([, issue]) => issue));
  return rows.map(({ code, severity, message }) => `${code} ${severity} ${message}`).sort();
}
const about = (world: World, expected: RegExp | undefined) => {
  const found = findings(world);
  if (expected === undefined) assert.deepEqual(found, []);
  else {
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', expected);
  }
};

const services = [
  aService('pay', 'a.example', { ports: ports(80, 443) }),
  aService('pay', 'private.example', { exportTo: to('pay') }),
  aService('ops', '*.wide.example'),
];
const egress = (...hosts: string[]) => ({ services, sidecars: [importing('shop', ...hosts)] });

test('an egress host that imports something is not remarked on', () => {
  about(
    egress('*/*', './*', 'istio-system/*', 'pay/a.example', '*/a.example', '*/*.example', '*/*.wide.example', 'ops/*'),
    undefined,
  );
  about(egress('*/*', '~/nowhere.example', '~nowhere/*'), undefined);
});

test('an egress host that imports nothing is explained', () => {
  about(egress('*/nowhere.example'), /^UNKNOWN_HOST warning .*no service has the host nowhere.example/);
  about(egress('shop/a.example'), /^UNKNOWN_HOST warning .*declared in namespace pay, not in shop/);
  about(egress('pay/private.example'), /^UNKNOWN_HOST warning .*not exported to namespace shop/);
  about(egress('*/a.wide.example'), /^UNKNOWN_HOST warning .*only as part of \*\.wide\.example/);
  about(egress('nowhere/*'), /^INEFFECTIVE info .*no service is declared in namespace nowhere/);
  about(egress('*/*.nowhere.example'), /^INEFFECTIVE info .*no service has a host under \*\.nowhere\.example/);
});

test('a host that only a VirtualService names is imported for it', () => {
  about({ ...egress('*/nowhere.example'), routings: [aRouting('pay', 'v', ['nowhere.example'])] }, undefined);
  about({ ...egress('*/nowhere.example'), routings: [aRouting('pay', 'v', ['*.example'])] }, undefined);
});

test('a listener whose port no imported host has says so', () => {
  const listener = (number: number, protocol: string) =>
    aSidecar('shop', 's', { egress: [{ hosts: ['*/a.example'], port: { number, protocol } }] });
  about({ services, sidecars: [listener(443, 'TLS')] }, undefined);
  about({ services, sidecars: [listener(9000, 'HTTP_PROXY')] }, undefined);
  about({ services, sidecars: [listener(9000, 'TCP')] }, /^INEFFECTIVE info .*a.example has no port 9000/);
});

test('the mesh default is not judged by what its own namespace may see', () => {
  about({ services, sidecars: [importing('istio-system', './a.example', './*')] }, undefined);
});

test('the younger of two Sidecars without selector is shadowed', () => {
  const spec = { egress: [{ hosts: ['*/*'] }] };
  const sidecars = [
    aSidecar('shop', 'a', spec, 2),
    aSidecar('shop', 'b', spec, 1),
    aSidecar('shop', 'c', { ...spec, workloadSelector: {} }),
  ];
  about({ sidecars }, /^SHADOWED warning Sidecar b already applies/);
});

test('a policy without mode and a selector in the root namespace surprise', () => {
  const spec = { egress: [{ hosts: ['*/*'] }] };
  about({ sidecars: [aSidecar('shop', 'a', { ...spec, outboundTrafficPolicy: {} })] }, /^MISSING_FIELD warning .*REGISTRY_ONLY/);
  about({ sidecars: [aSidecar('shop', 'a', { ...spec, outboundTrafficPolicy: { mode: 'ALLOW_ANY' } })] }, undefined);
  const rooted = aSidecar('istio-system', 'a', { ...spec, workloadSelector: { labels: { app: 'web' } } });
  about({ sidecars: [rooted] }, /^INEFFECTIVE warning .*workloads of that namespace only/);
});

test('a host declared in two namespaces that somebody sees twice is a conflict, told to the later one', () => {
  const declare = (namespace: string, more: Parameters<typeof aService>[2]) =>
    aService(namespace, 'a.example', { entry: namespace, ...more });
  const both = (a: Parameters<typeof aService>[2], b: Parameters<typeof aService>[2]) => ({
    services: [declare('pay', { createdAt: 1, ...a }), declare('ops', { createdAt: 2, ...b })],
  });
  about(
    both({}, {}),
    /^HOST_CONFLICT warning .*also declared by ServiceEntry pay\/pay: namespace ops sees this one, .*the older one/,
  );
  about(
    both({}, { registry: 'kubernetes' }),
    /^HOST_CONFLICT warning .*also declared by Service ops\/ops: .*Kubernetes Service comes first/,
  );
  about(both({ exportTo: to('pay') }, { exportTo: to('ops') }), undefined);
  about(both({ exportTo: to('pay', 'shop') }, { exportTo: to('ops', 'shop') }), /^HOST_CONFLICT/);
  about(both({ exportTo: NOBODY }, {}), undefined);
  about({ services: [declare('pay', {}), declare('pay', { entry: 'second' })] }, undefined);
});
