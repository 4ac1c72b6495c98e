import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LedgerStep, type LedgerStore, memoryStore } from '../ledger/index.ts';
import { keepAddresses } from './addresses.ts';
import { createConfiguration } from './configuration.ts';
import { createPipeline } from './index.ts';
import { proxyArgument } from './proxies.ts';

const HOUR = 3_600_000;

/** A control plane in memory: files go in, services come out. */
function open(store: LedgerStore = memoryStore()) {
  const settings = {
    clusterDomain: 'cluster.local',
    clusterId: 'Kubernetes',
    rootNamespace: 'istio-system',
    vip: 'ledger',
  } as const;
  const pipeline = createPipeline(settings);
  const clock = { now: 0 };
  const keeper = keepAddresses(pipeline, { store, now: () => clock.now });
  const configuration = createConfiguration(pipeline, { keepAges: true });
  /** Every state of the addresses of a service that a reader saw, in order. */
  const seen: string[] = [];
  pipeline.graph.onCommit((commit) => {
    for (const [, { before, after }] of commit.diff(pipeline.registry.services))
      seen.push(`${after?.host ?? before?.host}: ${after === undefined ? 'gone' : after.autoAddresses.length}`);
  });
  return {
    pipeline,
    clock,
    keeper,
    seen,
    put: (files: Readonly<Record<string, string>>) =>
      configuration.receive({
        source: 'test',
        put: Object.entries(files).map(([path, text]) => ({ path, text })),
        remove: [],
        synced: true,
        issues: [],
      }),
    remove: (...paths: string[]) => configuration.receive({ source: 'test', put: [], remove: paths, synced: true, issues: [] }),
    addresses: (host: string, namespace?: string) => {
      const services = [...pipeline.registry.services.entries()].map(([, service]) => service);
      return services
        .filter((one) => one.host === host && (namespace ?? one.namespace) === one.namespace)
        .map((one) => one.autoAddresses);
    },
    issues: () =>
      configuration
        .issues()
        .filter(({ code }) => code === 'NO_ADDRESS' || code === 'ADDRESS_CONFLICT' || code === 'INTERNAL')
        .map(({ code, message, field, origin }) => ({
          code,
          message,
          field: field?.join('.'),
          at: `${origin?.path}:${origin?.line}`,
        })),
  };
}

const entry = (name: string, spec: string, more = '') => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: shop${more}}
spec: {resolution: DNS, ports: [{number: 5432, name: tcp, protocol: TCP}], ${spec}}
`;
const mesh = (text: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: '${JSON.stringify({ sallyport: { virtualAddresses: JSON.parse(text) } })}'}\n`;

describe('addresses of the ledger', () => {
  test('are there with the service: nobody sees it first without and then with them', () => {
    const control = open();
    control.put({ 'a.yaml': entry('a', 'hosts: [db.example.com]') });
    control.put({ 'b.yaml': entry('b', 'hosts: [Other.example.com]') });
    assert.deepEqual(control.seen, ['db.example.com: 2', 'other.example.com: 2']);
    control.remove('a.yaml');
    assert.deepEqual(control.seen.slice(2), ['db.example.com: gone']);
    assert.deepEqual(control.issues(), []);
  });

  test('belong to the host: entries share them, in one namespace or several, whatever else comes and goes', () => {
    const control = open();
    control.put({ 'a.yaml': entry('a', 'hosts: [db.example.com]') });
    const [had] = control.addresses('db.example.com');
    control.put({
      'b.yaml': entry('b', 'hosts: [db.example.com]'),
      'c.yaml': entry('c', 'hosts: [DB.example.com]').replace('shop', 'bank'),
      'd.yaml': entry('d', 'hosts: [a.example.com, z.example.com], endpoints: [{address: x.example}]').replace('TCP', 'TLS'),
    });
    assert.deepEqual(control.addresses('db.example.com'), [had, had, had]);
    control.remove('a.yaml', 'd.yaml');
    assert.deepEqual(control.addresses('db.example.com'), [had, had]);
  });

  test('are for those who may have them: not for NONE, own addresses, wildcards or the opt-out label', () => {
    const control = open();
    control.put({
      'none.yaml': entry('none', 'hosts: [none.example]').replace('resolution: DNS', 'resolution: NONE'),
      'own.yaml': entry('own', 'hosts: [own.example], addresses: [10.0.0.1]'),
      'wild.yaml': entry('wild', 'hosts: ["*.wild.example"], endpoints: [{address: x.example}]'),
      'out.yaml': entry('out', 'hosts: [out.example]', ', labels: {networking.istio.io/enable-autoallocate-ip: "False"}'),
      'dynamic.yaml': entry('dynamic', 'hosts: ["*.dynamic.example"]').replace('DNS', 'DYNAMIC_DNS').replace('TCP', 'TLS'),
    });
    const given = [...control.pipeline.registry.services.entries()].map(([, { host, autoAddresses }]) => [
      host,
      autoAddresses.length,
    ]);
    assert.deepEqual(Object.fromEntries(given), {
      'none.example': 0,
      'own.example': 0,
      '*.wild.example': 0,
      'out.example': 0,
      '*.dynamic.example': 2,
    });
  });

  test('are not for hosts that DNS knows and whose ports all carry the name: those are found and told apart without', () => {
    const control = open();
    const ports = (...all: readonly string[]) =>
      `ports: [${all.map((port, i) => `{number: ${port.split(' ')[0]}, name: p${i}, protocol: ${port.split(' ')[1] ?? '""'}}`).join(', ')}]`;
    const web = (name: string, more: string, ...given: readonly string[]) =>
      entry(name, `hosts: [${name}.example]${more}`).replace(/ports: \[.*?\]/, ports(...given));
    control.put({
      'named.yaml': web('named', '', '80 HTTP', '443 TLS', '9000 GRPC', '8080'),
      'bytes.yaml': web('bytes', '', '443 TLS', '5432 TCP'),
      'guessed.yaml': web('guessed', '', '5432'),
      'elsewhere.yaml': web('elsewhere', ', endpoints: [{address: solo.io}]', '80 HTTP'),
      'static.yaml': web('static', ', endpoints: [{address: 10.0.0.1}]', '443 TLS').replace('DNS', 'STATIC'),
      'selected.yaml': web('selected', ', workloadSelector: {labels: {app: x}}', '80 HTTP'),
      'told.yaml': `${web('told', '', '80 HTTP')}status: {addresses: [{value: 240.240.0.1, host: told.example}]}\n`,
    });
    const given = [...control.pipeline.registry.services.entries()].map(([, { host, autoAddresses }]) => [
      host,
      autoAddresses.length,
    ]);
    assert.deepEqual(Object.fromEntries(given), {
      'named.example': 0,
      'bytes.example': 2,
      'guessed.example': 2,
      'elsewhere.example': 2,
      'static.example': 2,
      'selected.example': 2,
      'told.example': 2,
    });
  });

  test('of entries that no longer want any are freed, and come back with the entry while they rest', () => {
    const store = memoryStore();
    const control = open(store);
    control.put({ 'a.yaml': entry('a', 'hosts: [db.example.com]') });
    const [had] = control.addresses('db.example.com');
    control.clock.now = HOUR;
    control.put({ 'a.yaml': entry('a', 'hosts: [db.example.com], addresses: [10.0.0.1]') });
    assert.equal(store.ledger.holding('db.example.com')?.freed, HOUR);
    control.put({ 'a.yaml': entry('a', 'hosts: [db.example.com]') });
    assert.deepEqual(control.addresses('db.example.com'), [had]);
    assert.equal(store.ledger.holding('db.example.com')?.freed, undefined);
  });

  test('survive a restart in which the file of an entry is broken', () => {
    const store = memoryStore();
    const before = open(store);
    before.put({ 'a.yaml': entry('a', 'hosts: [a.example.com]'), 'b.yaml': entry('b', 'hosts: [b.example.com]') });
    const [had] = before.addresses('a.example.com');

    const after = open(store);
    after.clock.now = HOUR;
    after.put({ 'a.yaml': 'hosts: [', 'b.yaml': entry('b', 'hosts: [b.example.com]') });
    after.keeper.reconcile();
    assert.equal(store.ledger.holding('a.example.com')?.freed, HOUR);
    after.clock.now = 20 * HOUR;
    after.put({ 'a.yaml': entry('a', 'hosts: [a.example.com]') });
    assert.deepEqual(after.addresses('a.example.com'), [had]);
  });

  test('that a status gives are taken over; what does not fit together is said', () => {
    const control = open();
    const status = (...addresses: string[]) =>
      `status: {addresses: [${addresses.map((value) => `{value: '${value}', host: ${value.includes('.9') ? 'b' : 'a'}.example.com}`).join(', ')}]}\n`;
    control.put({ 'a.yaml': entry('a', 'hosts: [a.example.com]') + status('240.240.0.1', '2001:2::1') });
    assert.deepEqual(control.addresses('a.example.com'), [['240.240.0.1', '2001:2::1']]);
    control.put({
      'other.yaml': entry('other', 'hosts: [a.example.com]') + status('240.240.0.7'),
      'b.yaml': `${entry('b', 'hosts: [b.example.com]')}status: {addresses: [{value: '240.240.0.1', host: b.example.com}]}\n`,
      'squat.yaml': entry('squat', 'hosts: [c.example.com], addresses: [240.240.0.1]'),
    });
    assert.deepEqual(control.addresses('a.example.com')[1], ['240.240.0.1', '2001:2::1']);
    const [b] = control.addresses('b.example.com');
    assert.match(b![0]!, /^243\./);
    assert.deepEqual(control.issues(), [
      {
        code: 'ADDRESS_CONFLICT',
        message: `status gives b.example.com 240.240.0.1, but it has ${b!.join(' and ')}; 240.240.0.1 belongs to a.example.com`,
        field: 'status.addresses',
        at: 'b.yaml:5',
      },
      {
        code: 'ADDRESS_CONFLICT',
        message: 'status gives a.example.com 240.240.0.7, but it has 240.240.0.1 and 2001:2::1',
        field: 'status.addresses',
        at: 'other.yaml:5',
      },
      {
        code: 'ADDRESS_CONFLICT',
        message: '240.240.0.1 is also the virtual address of a.example.com: on ports that both have, one of them is not reached',
        field: 'spec.addresses.0',
        at: 'squat.yaml:4',
      },
    ]);
  });

  test('cannot be taken by declaring them: what lies in the prefixes is left out, and said', () => {
    const control = open();
    control.put({ 'a.yaml': entry('a', 'hosts: [a.example.com]') });
    const [had] = control.addresses('a.example.com');
    control.put({ 'thief.yaml': entry('thief', `hosts: [thief.example.com], addresses: ['${had![0]}']`) });
    const [own] = control.addresses('thief.example.com');
    assert.notDeepEqual(own, had);
    const services = [...control.pipeline.registry.services.entries()].map(([, service]) => service.addresses);
    assert.deepEqual(services, [[], []]);
    assert.deepEqual(control.issues(), [
      {
        code: 'ADDRESS_CONFLICT',
        message: `${had![0]} is one of the virtual addresses, which are given out and not declared: it is left out, and the host has ${own!.join(' and ')}; it is a.example.com’s`,
        field: 'spec.addresses.0',
        at: 'thief.yaml:4',
      },
    ]);
    // Written down by hand for the host that has it, it says nothing new.
    control.put({ 'thief.yaml': entry('same', `hosts: [a.example.com], addresses: ['${had![0]}']`) });
    assert.deepEqual(control.issues(), []);
    assert.deepEqual(control.addresses('a.example.com'), [had, had]);
  });

  test('that are used up are missed by name, until one has rested or the prefix grows', () => {
    const control = open();
    const small = '{"ipv4": "243.0.0.8/30", "ipv6": "fd73::8/126", "rest": "1h"}';
    control.put({
      'mesh.yaml': mesh(small),
      'a.yaml': entry('a', 'hosts: [a.example, b.example], endpoints: [{address: x.example}]').replace('TCP', 'TLS'),
    });
    control.put({ 'c.yaml': entry('c', 'hosts: [c.example]') });
    assert.deepEqual(control.addresses('c.example'), [[]]);
    assert.deepEqual(
      control.issues().map(({ code, message, at }) => [code, message, at]),
      [
        [
          'NO_ADDRESS',
          'c.example has no address, so connections to any address on port 5432 are taken for it: TCP carries no name',
          'c.yaml:4',
        ],
        ['NO_ADDRESS', 'c.example has no virtual address: 243.0.0.8/30 and fd73::8/126 are used up', 'c.yaml:4'],
      ],
    );
    assert.equal(control.keeper.isWaiting, true);
    control.remove('a.yaml');
    control.clock.now = HOUR - 1;
    control.pipeline.graph.commit(() => {});
    assert.deepEqual(control.addresses('c.example'), [[]]);
    control.clock.now = HOUR;
    control.pipeline.graph.commit(() => {});
    assert.equal(control.addresses('c.example')[0]?.length, 2);
    assert.deepEqual([control.issues(), control.keeper.isWaiting], [[], false]);

    control.put({
      'd.yaml': entry('d', 'hosts: [d.example, e.example], endpoints: [{address: x.example}]').replace('TCP', 'TLS'),
    });
    assert.equal(control.keeper.isWaiting, true);
    control.put({ 'mesh.yaml': mesh('{"ipv4": "243.0.0.0/24"}') });
    assert.deepEqual([control.issues(), control.keeper.isWaiting], [[], false]);
  });

  test('that cannot be made durable are not used; the next commit tries again', () => {
    const memory = memoryStore();
    let full = true;
    const store: LedgerStore = {
      ledger: memory.ledger,
      write: (steps: readonly LedgerStep[]) => {
        if (full) throw new Error('ENOSPC: no space left on device');
        memory.write(steps);
      },
    };
    const control = open(store);
    control.put({ 'a.yaml': entry('a', 'hosts: [a.example], endpoints: [{address: x.example}]').replace('TCP', 'TLS') });
    assert.deepEqual(control.addresses('a.example'), [[]]);
    assert.deepEqual(
      control.issues().map(({ message }) => message),
      ['a.example has no virtual address: the ledger cannot be written (ENOSPC: no space left on device)'],
    );
    full = false;
    control.pipeline.graph.commit(() => {});
    assert.equal(control.addresses('a.example')[0]?.length, 2);
    assert.deepEqual(control.issues(), []);
  });

  test('let two TCP hosts have one port, for proxies whose agents answer DNS', () => {
    const control = open();
    control.put({ 'a.yaml': entry('a', 'hosts: [a.example]'), 'b.yaml': entry('b', 'hosts: [b.example]') });
    const { value } = proxyArgument({ namespace: 'shop' }, 'ledger');
    control.pipeline.graph.commit((tx) => tx.set(control.pipeline.inputs.proxies, 'p', value!));
    const [{ links }] = control.pipeline.envoy.tables.filter(({ type }) => type === 'listener') as [
      (typeof control.pipeline.envoy.tables)[0],
    ];
    const names = [...links.entries()].map(([, { name }]) => name).filter((name) => name.endsWith('_5432'));
    const [[a], [b]] = [control.addresses('a.example')[0]!, control.addresses('b.example')[0]!];
    assert.deepEqual(names.sort(), [`${a}_5432`, `${b}_5432`].sort());
  });
});

test('prefixes and rest that cannot be meant are refused, and the ones before stay', () => {
  const control = open();
  control.put({ 'mesh.yaml': mesh('{"ipv4": "fd73::/96", "ipv6": "243.0.0.0/16", "rest": "10s", "size": 3}') });
  assert.deepEqual(control.pipeline.registry.mesh.get('mesh')?.sallyport.virtualAddresses, {
    ipv4: '243.0.0.0/16',
    ipv6: 'fd73:616c:6c79::/96',
    rest: '24h',
  });
});
