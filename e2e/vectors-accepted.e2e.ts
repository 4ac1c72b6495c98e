import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import type { GeneratedResources } from 'sallyport/pipeline/generate.ts';
import { testFileOf } from 'sallyport/pipeline/test-file.ts';
import { openVector } from 'sallyport/pipeline/vector.ts';
import { readVectors } from './conformance/vectors.ts';
import { startVectorEnvoy, type VectorEnvoy } from './testing/vector-envoy.ts';

/**
 * One Envoy for each sort of proxy, reused from run to run. Not one for all: Envoy 1.40 ends with a segmentation fault when
 * `virtualInbound`, which names secrets, is taken away from it, and no proxy ever changes from a sidecar into a gateway.
 */
const envoys = new Map<string, Promise<VectorEnvoy>>();
after(async () => {
  for (const envoy of envoys.values()) await (await envoy).close();
});

function envoyFor({ listeners }: GeneratedResources): Promise<VectorEnvoy> {
  const names = (listeners as readonly { name: string }[]).map(({ name }) => name);
  const sort = names.includes('virtualInbound') ? 'sidecar' : names.includes('virtualOutbound') ? 'outbound only' : 'other';
  const envoy = envoys.get(sort) ?? startVectorEnvoy();
  envoys.set(sort, envoy);
  return envoy;
}

for (const folder of ['simulation', 'scenarios']) {
  it(`a real Envoy accepts what is made for every run of ${folder}, and becomes LIVE with it`, async (t) => {
    const wrong: string[] = [];
    let runs = 0;
    for (const { file, content } of readVectors<unknown>(folder)) {
      const { value, issues } = testFileOf(content, file.replace(/\.json(\.gz)?$/, ''));
      assert.ok(value, issues.map((issue) => issue.message).join('; '));
      for (const scenario of value.scenarios) {
        const opened = openVector(scenario.vector);
        for (const [run, { proxy }] of scenario.runs.entries()) {
          const resources = opened.generate(proxy).value;
          assert.ok(resources, `${scenario.id}${run}: the proxy is refused`);
          runs += 1;
          const { nacks, isLive, warming } = await (await envoyFor(resources)).take(resources);
          if (nacks.length === 0 && isLive && warming === 0) continue;
          const refused = nacks.map(({ type, name, detail }) => `${type} ${name}: ${detail}`).join('; ');
          wrong.push(`${scenario.id}${run}: ${isLive ? 'LIVE' : 'not LIVE'}, ${warming} warming, ${refused}`);
        }
      }
    }
    t.diagnostic(`${runs} resource sets, ${wrong.length} not accepted`);
    assert.deepEqual(wrong, []);
  });
}

/** Configurations whose resources from istiod a real Envoy refuses, or that end istiod itself (spec/istio.md 9). */
const BEYOND: Readonly<Record<string, string>> = {
  'an entry without address on the proxy’s own port 15006': `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: own-port, namespace: default }
spec:
  hosts: [own.example.com]
  resolution: STATIC
  ports: [{ number: 15006, name: tcp, protocol: TCP }]
  endpoints: [{ address: 192.0.2.1 }]
`,
  'destinationSubnets of one match beside a match without': `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: tls, namespace: default }
spec:
  hosts: [a.example.com]
  resolution: DNS
  ports: [{ number: 443, name: tls, protocol: TLS }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: tls, namespace: default }
spec:
  hosts: [a.example.com]
  tls:
  - match: [{ port: 443, sniHosts: [a.example.com], destinationSubnets: [10.0.0.0/8] }, { port: 443, sniHosts: [a.example.com] }]
    route: [{ destination: { host: a.example.com } }]
`,
  'failoverPriority over two localities of a DNS entry': `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: dns, namespace: default }
spec:
  hosts: [dns.example.com]
  resolution: DNS
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints:
  - { address: one.example.net, locality: eu/a, labels: { tier: near } }
  - { address: two.example.net, locality: us/b, labels: { tier: far } }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: dns, namespace: default }
spec:
  host: dns.example.com
  trafficPolicy:
    outlierDetection: { consecutive5xxErrors: 3 }
    loadBalancer: { localityLbSetting: { enabled: true, failoverPriority: [tier] } }
`,
};

/** Values that istiod sends on, and for which Envoy refuses a cluster, a listener, or the routes of all hosts. */
const REFUSED = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: a, namespace: default }
spec:
  hosts: [a.example.com]
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [{ address: 192.0.2.1 }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: a, namespace: default }
spec:
  host: a.example.com
  trafficPolicy:
    retryBudget: { percent: 101 }
    tls: { mode: SIMPLE, sni: "a\\0b" }
    loadBalancer: { consistentHash: { useSourceIp: true, ringHash: { minimumRingSize: 9000000 } } }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: a, namespace: default }
spec:
  hosts: [a.example.com]
  gateways: [mesh, gateway]
  http:
  - match: [{ uri: { prefix: /old } }]
    redirect: { authority: "b.example.com\\r\\nx: y", uri: "/new\\n" }
  - rewrite: { uri: "/x\\n", authority: "c\\n" }
    route: [{ destination: { host: a.example.com } }]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gateway, namespace: default }
spec:
  selector: { app: gateway }
  servers:
  - port: { number: 443, name: https, protocol: HTTPS }
    hosts: [a.example.com]
    tls:
      mode: MUTUAL
      serverCertificate: /etc/certs/chain.pem
      privateKey: /etc/certs/key.pem
      caCertificates: /etc/certs/ca.pem
      cipherSuites: [not-a-suite, -AES128-SHA]
      ecdhCurves: [brainpool]
      verifyCertificateHash: [abc]
      verifyCertificateSpki: [abc]
`;
const ODD_MESH = {
  accessLogFile: '/dev/stdout',
  accessLogFormat: '%NO_SUCH_OPERATOR%',
  tlsDefaults: { cipherSuites: ['x'], ecdhCurves: ['y'] },
  meshMTLS: { cipherSuites: ['z'] },
};

for (const type of ['sidecar', 'router'] as const) {
  it(`a real Envoy accepts what is made for a ${type} of values that it refuses`, async () => {
    const proxy = { type, labels: { app: 'gateway' } };
    const resources = openVector({ config: REFUSED, mesh: ODD_MESH }).generate(proxy).value;
    assert.ok(resources);
    const { nacks, isLive, warming } = await (await envoyFor(resources)).take(resources);
    assert.deepEqual({ nacks, isLive, warming }, { nacks: [], isLive: true, warming: 0 });
  });
}

for (const [what, config] of Object.entries(BEYOND)) {
  it(`a real Envoy accepts what is made of ${what}`, async () => {
    const resources = openVector({ config }).generate({ labels: { tier: 'near' } }).value;
    assert.ok(resources);
    const { nacks, isLive, warming } = await (await envoyFor(resources)).take(resources);
    assert.deepEqual({ nacks, isLive, warming }, { nacks: [], isLive: true, warming: 0 });
  });
}
