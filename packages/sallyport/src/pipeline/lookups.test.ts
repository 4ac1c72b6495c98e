import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../lib/json.ts';
import type { Answer, Question } from '../model/index.ts';
import { createConfiguration } from './configuration.ts';
import { type GeneratedResources, generate } from './generate.ts';
import { createPipeline } from './index.ts';
import { type AskerSettings, followQuestions, takeAnswers } from './lookups.ts';
import { proxyOfJson } from './proxies.ts';

interface Group {
  readonly locality?: { readonly region?: string };
  readonly loadBalancingWeight?: number;
  readonly lbEndpoints?: readonly {
    readonly loadBalancingWeight?: number;
    readonly endpoint: {
      readonly hostname?: string;
      readonly address: SocketAddress;
      readonly additionalAddresses?: readonly { readonly address: SocketAddress }[];
    };
  }[];
}
interface SocketAddress {
  readonly socketAddress: { readonly address: string; readonly portValue: number };
}

function world(entries: string, sallyport: unknown = { dns: 'control-plane' }) {
  const settings = { clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' };
  const pipeline = createPipeline(settings, { sallyport });
  const configuration = createConfiguration(pipeline);
  const write = (text: string) =>
    configuration.receive({ source: 'memory', put: [{ path: 'a.yaml', text }], remove: [], synced: true, issues: [] });
  write(entries);
  const asked = new Map<string, Question>();
  let configured: AskerSettings | undefined;
  followQuestions(pipeline, {
    want: (questions) => {
      for (const [key, question] of questions) {
        if (question === undefined) asked.delete(key);
        else asked.set(key, question);
      }
    },
    configure: (wanted) => {
      configured = wanted;
    },
  });
  const proxy = (json: Readonly<Record<string, unknown>>) =>
    proxyOfJson({ namespace: 'shop', name: 'web', ips: ['10.9.0.1'], ...json }).value!;
  return {
    pipeline,
    write,
    asked,
    settings: () => configured,
    connect: (json = {}) => {
      const { id, ...node } = proxy(json);
      pipeline.graph.commit((tx) => tx.set(pipeline.inputs.proxies, `${id} standing`, { id: `${id} standing`, ...node }));
    },
    disconnect: (json = {}) =>
      pipeline.graph.commit((tx) => tx.set(pipeline.inputs.proxies, `${proxy(json).id} standing`, undefined)),
    answer: (...answers: readonly Answer[]) =>
      takeAnswers(pipeline, new Map(answers.map((answer) => [`${answer.name} ${answer.type}`, answer]))),
    resources: (json = {}) => generate(pipeline, proxy(json)),
    issues: () => configuration.issues().filter(({ code }) => code !== 'TLS_NOT_DECLARED'),
    failures: () => [...pipeline.graph.failures.entries()],
  };
}

const entry = (spec: string, annotations = '') => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a, namespace: shop, annotations: {${annotations}}}
spec: {hosts: [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}], ${spec}}
`;
const A = (name: string, ...addresses: readonly string[]): Answer => ({ name, type: 'A', addresses });
const AAAA = (name: string, ...addresses: readonly string[]): Answer => ({ name, type: 'AAAA', addresses });
const CLUSTER = 'outbound|80||api.example.com';

const groupsOf = ({ endpoints }: GeneratedResources, name = CLUSTER) =>
  (endpoints as unknown as { clusterName: string; endpoints?: readonly Group[] }[]).find((e) => e.clusterName === name)
    ?.endpoints ?? [];
const addressesOf = (resources: GeneratedResources, name?: string) =>
  groupsOf(resources, name).flatMap(({ lbEndpoints = [] }) =>
    lbEndpoints.map(({ endpoint }) => endpoint.address.socketAddress.address),
  );
const clusterOf = ({ clusters }: GeneratedResources, name = CLUSTER) =>
  (clusters as unknown as Record<string, unknown>[]).find((cluster) => cluster['name'] === name);

describe('names that the control plane looks up', () => {
  test('are asked for while a proxy that sees them is there, each once', () => {
    const { asked, connect, disconnect, write } = world(entry('resolution: DNS'));
    assert.deepEqual([...asked.keys()], []);
    connect();
    connect({ name: 'other', ips: ['10.9.0.2'], labels: { app: 'other' } });
    assert.deepEqual([...asked.keys()], ['api.example.com A']);
    write(entry('resolution: DNS, endpoints: [{address: B.example.net}, {address: 192.0.2.9}]'));
    assert.deepEqual([...asked.keys()], ['b.example.net A']);
    disconnect();
    disconnect({ name: 'other', ips: ['10.9.0.2'] });
    assert.deepEqual([...asked.keys()], []);
  });

  test('are not asked for where nobody sees them, nor where the proxies ask', () => {
    const hidden = world(entry("resolution: DNS, exportTo: ['.']"));
    hidden.connect({ namespace: 'bank' });
    assert.deepEqual([...hidden.asked.keys()], []);
    const byProxy = world(entry('resolution: DNS', 'sallyport.io/dns: proxy'));
    byProxy.connect();
    assert.deepEqual([...byProxy.asked.keys()], []);
    assert.equal(clusterOf(byProxy.resources())?.['type'], 'STRICT_DNS');
  });

  test('are asked for in the families of the proxies (spec/istio.md 1.5)', () => {
    const asks = (ips: readonly string[], sallyport: object, annotations = '') => {
      const { asked, connect } = world(entry('resolution: DNS', annotations), { dns: 'control-plane', ...sallyport });
      connect({ ips });
      return [...asked.values()].map(({ type }) => type).sort();
    };
    assert.deepEqual(asks(['10.0.0.1'], {}), ['A']);
    assert.deepEqual(asks(['2001:db8::1'], {}), ['AAAA']);
    assert.deepEqual(asks(['10.0.0.1', '2001:db8::1'], {}), ['A']);
    assert.deepEqual(asks(['10.0.0.1', '2001:db8::1'], { dualStack: true }), ['A', 'AAAA']);
    assert.deepEqual(asks(['10.0.0.1'], {}, 'istio.io/connect-strategy: RACE_FIRST_TCP_CONNECT'), ['A', 'AAAA']);
  });

  test('become endpoints of a pushed set, every address with the weight and place of its endpoint', () => {
    const endpoints =
      '[{address: a.net, weight: 3, locality: r1}, {address: b.net, locality: r2}, {address: none.net, locality: r2}, {address: 192.0.2.9, locality: r2}]';
    const { answer, resources, failures } = world(entry(`resolution: DNS, endpoints: ${endpoints}`));
    answer(A('a.net', '198.51.100.2', '198.51.100.1'), A('b.net', '198.51.100.3'), A('none.net'));
    const made = resources();
    const cluster = clusterOf(made);
    assert.equal(cluster?.['type'], 'EDS');
    assert.equal(cluster?.['dnsRefreshRate'], undefined);
    const said = groupsOf(made).map(({ locality, loadBalancingWeight, lbEndpoints = [] }) => [
      `${locality?.region} ${loadBalancingWeight}`,
      ...lbEndpoints.map(
        (e) => `${e.endpoint.hostname ?? ''} ${e.endpoint.address.socketAddress.address} ${e.loadBalancingWeight}`,
      ),
    ]);
    assert.deepEqual(said, [
      ['r1 3', 'a.net 198.51.100.1 3', 'a.net 198.51.100.2 3'],
      ['r2 3', 'b.net 198.51.100.3 1', ' 192.0.2.9 1'],
    ]);
    assert.deepEqual(failures(), []);
  });

  test('change endpoints alone, and not when only their order changes', () => {
    const { answer, pipeline, connect } = world(entry('resolution: DNS'));
    connect();
    answer(A('api.example.com', '198.51.100.1', '198.51.100.2'));
    const changed: string[][] = [];
    pipeline.graph.onCommit((commit) => {
      changed.push(pipeline.envoy.tables.filter(({ resources }) => commit.diff(resources).size > 0).map(({ type }) => type));
    });
    answer(A('api.example.com', '198.51.100.2', '198.51.100.1'));
    answer(A('api.example.com', '198.51.100.3'));
    assert.deepEqual(changed, [[], ['endpoints']]);
  });

  test('of DNS_ROUND_ROBIN are one endpoint: the first address, with the others behind it', () => {
    const { answer, resources } = world(entry('resolution: DNS_ROUND_ROBIN'));
    answer(A('api.example.com', '198.51.100.2', '198.51.100.1'));
    const [group] = groupsOf(resources());
    assert.equal(group?.lbEndpoints?.length, 1);
    const { address, additionalAddresses, hostname } = group!.lbEndpoints![0]!.endpoint;
    assert.equal(address.socketAddress.address, '198.51.100.2');
    assert.deepEqual(
      additionalAddresses?.map((more) => more.address.socketAddress.address),
      ['198.51.100.1'],
    );
    assert.equal(hostname, 'api.example.com');
  });

  test('of a connection race are tried one family after the other, the proxy’s own first', () => {
    const { answer, resources } = world(entry('resolution: DNS', 'istio.io/connect-strategy: RACE_FIRST_TCP_CONNECT'));
    answer(A('api.example.com', '198.51.100.1', '198.51.100.2'), AAAA('api.example.com', '2001:db8::1'));
    const { address, additionalAddresses = [] } = groupsOf(resources())[0]!.lbEndpoints![0]!.endpoint;
    const order = [address, ...additionalAddresses.map((more) => more.address)].map(({ socketAddress }) => socketAddress.address);
    assert.deepEqual(order, ['198.51.100.1', '2001:db8::1', '198.51.100.2']);
  });

  test('keep the TLS of the rule, and a cluster is there only where endpoints are declared', () => {
    const rule = `---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: r, namespace: shop}\nspec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, sni: api.example.com}}}\n`;
    const by = (sallyport: unknown) => clusterOf(world(`${entry('resolution: DNS')}${rule}`, sallyport).resources())!;
    assert.deepEqual(by({ dns: 'control-plane' })['transportSocket'], by({})['transportSocket']);
    assert.ok(by({})['transportSocket']);
    const selecting = world(entry('resolution: DNS, workloadSelector: {labels: {app: none}}'));
    assert.equal(clusterOf(selecting.resources()), undefined);
  });
});

describe('what proxies are sent while an answer is missing', () => {
  const unknownOf = ({ pipeline }: ReturnType<typeof world>) =>
    pipeline.envoy.tables
      .filter(({ type }) => type === 'endpoints')
      .flatMap(({ resources }) => [...resources.entries()].map(([, r]) => r.unknown));

  test('is nothing while it is asked, what they had while nobody answers, and all that is known', () => {
    const two = world(entry('resolution: DNS, endpoints: [{address: a.net}, {address: b.net}]'));
    two.connect();
    assert.deepEqual(unknownOf(two), ['hold']);
    two.answer({ ...A('a.net'), unanswered: true });
    assert.deepEqual(unknownOf(two), ['hold']);
    two.answer({ ...A('b.net'), unanswered: true });
    assert.deepEqual(unknownOf(two), ['keep']);
    two.answer(A('b.net', '198.51.100.1'));
    assert.deepEqual(unknownOf(two), [undefined]);
    assert.deepEqual(addressesOf(two.resources()), ['198.51.100.1']);
  });

  test('is an empty set, for names that do not exist, and that is said', () => {
    const { connect, answer, issues, ...rest } = world(entry('resolution: DNS'));
    connect();
    answer(A('api.example.com'));
    assert.deepEqual(unknownOf({ connect, answer, issues, ...rest }), [undefined]);
    assert.deepEqual(
      issues().map(({ code, severity, object }) => `${code} ${severity} ${object?.name}`),
      ['NAME_NOT_FOUND warning a'],
    );
  });
});

describe('answers that lead out of the Internet', () => {
  const ANSWER = A('api.example.com', '10.1.2.3', '198.51.100.1', '169.254.169.254');

  test('are used and said, as long as enforcement is istio', () => {
    const { answer, connect, resources, issues } = world(entry('resolution: DNS'));
    connect();
    answer(ANSWER);
    assert.deepEqual(addressesOf(resources()), ['10.1.2.3', '169.254.169.254', '198.51.100.1']);
    assert.deepEqual(
      issues().map(({ code, severity }) => `${code} ${severity}`),
      ['PRIVATE_ADDRESS warning'],
    );
  });

  test('are expected of names that only a private network knows', () => {
    const { answer, connect, issues } = world(entry('resolution: DNS, endpoints: [{address: db.internal}]'));
    connect();
    answer(A('db.internal', '10.1.2.3'));
    assert.deepEqual(issues(), []);
  });

  test('are refused when enforcement is strict, but for the ranges that are allowed', () => {
    const strict = (dns: object) => {
      const { answer, connect, resources, issues } = world(entry('resolution: DNS'), { enforcement: 'strict', dns });
      connect();
      answer(ANSWER);
      return { addresses: addressesOf(resources()), issues: issues().map(({ code, severity }) => `${code} ${severity}`) };
    };
    assert.deepEqual(strict({}), { addresses: ['198.51.100.1'], issues: ['PRIVATE_ADDRESS error'] });
    assert.deepEqual(strict({ allowedAddresses: ['10.0.0.0/8'] }).addresses, ['10.1.2.3', '198.51.100.1']);
    assert.deepEqual(strict({ allowedAddresses: [{ hosts: ['other.example.com'], ranges: ['10.0.0.0/8'] }] }).addresses, [
      '198.51.100.1',
    ]);
  });

  test('are replaced by the last good ones, if nothing else is left (spec/security.md A3)', () => {
    const { answer, resources, connect, issues } = world(entry('resolution: DNS'), { enforcement: 'strict' });
    connect();
    answer({ ...A('api.example.com', '127.0.0.1'), before: ['198.51.100.1'] });
    assert.deepEqual(addressesOf(resources()), ['198.51.100.1']);
    assert.match(issues()[0]!.message, /127\.0\.0\.1 \(loopback\), which is refused; 198\.51\.100\.1 is used/);
  });
});

test('a plain host with resolution NONE is looked up in a strict mesh, so that callers do not choose its address', () => {
  const { answer, connect, asked, resources, failures } = world(entry('resolution: NONE'), { enforcement: 'strict' });
  connect();
  assert.deepEqual([...asked.keys()], ['api.example.com A']);
  answer(A('api.example.com', '198.51.100.1'));
  assert.equal(clusterOf(resources())?.['type'], 'EDS');
  assert.deepEqual(addressesOf(resources()), ['198.51.100.1']);
  assert.deepEqual(failures(), []);
});

test('names that other zones see otherwise are said', () => {
  const { answer, connect, issues } = world(entry('resolution: DNS'));
  connect();
  answer({ ...A('api.example.com', '198.51.100.1'), elsewhere: [{ zone: 'b', addresses: ['198.51.100.2'] }] });
  assert.deepEqual(
    issues().map(({ code }) => code),
    ['ANSWERS_DIFFER'],
  );
});

test('resolvers and times are those of the mesh', () => {
  const dns = { resolvedBy: 'control-plane', resolvers: ['192.0.2.53'], minTtl: '1s', maxTtl: '2m' };
  assert.deepEqual(world(entry('resolution: DNS'), { dns }).settings(), {
    servers: [{ address: '192.0.2.53', port: 53 }],
    timing: { minTtlMs: 1_000, maxTtlMs: 120_000 },
  });
  assert.deepEqual(world('').settings(), { timing: { minTtlMs: 5_000, maxTtlMs: 300_000 } });
});

test('after any history of entries, answers and proxies everything is as from a fresh start', () => {
  const entries = [
    entry('resolution: DNS'),
    entry('resolution: DNS', 'sallyport.io/dns: proxy'),
    entry('resolution: DNS_ROUND_ROBIN'),
    entry('resolution: DNS, endpoints: [{address: a.net}, {address: b.net}]'),
    entry('resolution: STATIC, endpoints: [{address: 192.0.2.9}]'),
    '',
  ];
  const addresses = fc.uniqueArray(fc.constantFrom('198.51.100.1', '198.51.100.2', '10.1.2.3'), { maxLength: 3 });
  const step = fc.oneof(
    fc.constantFrom(...entries).map((text) => ({ text })),
    fc
      .record({ name: fc.constantFrom('api.example.com', 'a.net', 'b.net'), addresses })
      .map(({ name, addresses: list }) => ({ answer: A(name, ...list) })),
    fc.boolean().map((present) => ({ present })),
  );
  type Step = { readonly text?: string; readonly answer?: Answer; readonly present?: boolean };
  const outcome = (of: ReturnType<typeof world>) => {
    const asked = [...of.asked.keys()].sort();
    return canonicalJson({ resources: of.resources(), asked, issues: of.issues(), failures: of.failures() });
  };
  fc.assert(
    fc.property(fc.array(step as fc.Arbitrary<Step>, { maxLength: 8 }), (steps) => {
      const running = world('', { enforcement: 'strict' });
      const last: { text: string; present: boolean; answers: Map<string, Answer> } = {
        text: '',
        present: false,
        answers: new Map(),
      };
      for (const { text, answer, present } of steps) {
        if (text !== undefined) {
          running.write(text);
          last.text = text;
        }
        if (answer !== undefined) running.answer(answer);
        if (answer !== undefined) last.answers.set(answer.name, answer);
        if (present === undefined) continue;
        last.present = present;
        if (present) running.connect();
        else running.disconnect();
      }
      const fresh = world(last.text, { enforcement: 'strict' });
      fresh.answer(...last.answers.values());
      if (last.present) fresh.connect();
      assert.equal(outcome(running), outcome(fresh));
    }),
    { numRuns: 100 },
  );
});
