import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenPort } from '../model/index.ts';
import {
  aGateway,
  aPool,
  aProxy,
  aRouting,
  aServer,
  aService,
  type Bed,
  idOf,
  NOBODY,
  ports,
  settle,
  to,
  type World,
} from './testing/rows.ts';

const router = (more: Readonly<Record<string, unknown>> = {}) =>
  aProxy({ type: 'router', namespace: 'edge', name: 'gw', ips: ['10.0.0.9'], labels: { istio: 'edge', app: 'x' }, ...more });

function opens({ outputs, graph }: Bed): readonly string[] {
  assert.deepEqual([...graph.failures.entries()], []);
  const text = ({ port, servers }: OpenPort) => `${port}: ${servers.map(({ gateway }) => gateway.name).join(' ')}`;
  return [...outputs.openPorts.entries()].map(([, port]) => text(port)).sort();
}

const bound = ({ outputs }: Bed): readonly string[] =>
  [...outputs.boundRoutings.entries()].map(([, { gateway, routing, rank }]) => `${gateway} ${routing} ${rank}`).sort();

const world = (more: World): Bed => settle({ proxies: [router()], ...more });

test('a Gateway is for the routers that its selector selects, in any namespace, and never for sidecars', () => {
  const gateways = [
    aGateway('shop', 'mine', [aServer(80, 'http')], { selector: { istio: 'edge' } }),
    aGateway('shop', 'both', [aServer(81, 'http')], { selector: { istio: 'edge', app: 'x' } }),
    aGateway('shop', 'other', [aServer(82, 'http')], { selector: { istio: 'edge', app: 'y' } }),
    aGateway('shop', 'any', [aServer(83, 'http')]),
  ];
  const sidecar = aProxy({ namespace: 'edge', name: 's', ips: ['10.0.0.8'], labels: { istio: 'edge' } });
  assert.deepEqual(opens(settle({ proxies: [router(), sidecar], gateways })), ['80: mine', '81: both', '83: any']);
});

test('a selector that comes later splits and joins classes of routers only', () => {
  const bed = settle({ proxies: [router(), router({ name: 'gw2', labels: { istio: 'edge' }, ips: ['10.0.0.7'] })] });
  assert.equal(bed.outputs.classes.size, 1);
  const gateway = aGateway('shop', 'x', [aServer(80, 'http')], { selector: { app: 'x' } });
  bed.graph.commit((tx) => tx.set(bed.inputs.gateways, idOf(gateway.key), gateway));
  assert.equal(bed.outputs.classes.size, 2);
  assert.deepEqual(opens(bed), ['80: x']);
  bed.graph.commit((tx) => tx.set(bed.inputs.gateways, idOf(gateway.key), undefined));
  assert.equal(bed.outputs.classes.size, 1);
  assert.deepEqual(opens(bed), []);
});

test('the port of a service whose endpoint is the router is bound as the endpoint’s port', () => {
  const at = (target: number) => {
    const pool = aPool('edge', 'in.example', '10.0.0.9');
    return { ...pool, endpoints: pool.endpoints.map((endpoint) => ({ ...endpoint, port: target })) };
  };
  const gateways = [aGateway('shop', 'g', [aServer(80, 'http'), aServer(82, 'http')])];
  const services = [aService('edge', 'in.example', { ports: ports(80) })];
  assert.deepEqual(opens(world({ gateways, services, pools: [at(8080)] })), ['8080: g', '82: g']);
  const labels = { 'experimental.istio.io/disable-gateway-port-translation': 'false' };
  const untranslated = [aService('edge', 'in.example', { ports: ports(80), labels })];
  assert.deepEqual(opens(world({ gateways, services: untranslated, pools: [at(8080)] })), ['80: g', '82: g']);
  const ofServices = [aGateway('edge', 'g', [aServer(80, 'http'), aServer(82, 'http')], { services: ['in.example'] })];
  assert.deepEqual(opens(world({ gateways: ofServices, services, pools: [at(8080)] })), ['8080: g']);
  // What names the service means its ports, whatever the label says.
  assert.deepEqual(opens(world({ gateways: ofServices, services: untranslated, pools: [at(8080)] })), ['8080: g']);
  const elsewhere = [aGateway('shop', 'g', [aServer(80, 'http')], { services: ['in.example'] })];
  assert.deepEqual(opens(world({ gateways: elsewhere, services, pools: [at(8080)] })), []);
});

test('a proxy that may not bind low ports keeps them closed and says so', () => {
  const gateways = [aGateway('shop', 'g', [aServer(80, 'http'), aServer(8080, 'http')])];
  const bed = settle({ proxies: [router({ metadata: { UNPRIVILEGED_POD: 'true' } })], gateways });
  assert.deepEqual(opens(bed), ['8080: g']);
  const issues = bed.outputs.issues.flatMap((found) => [...found.entries()].map(([, issue]) => issue));
  assert.deepEqual(
    issues.map(({ code, object }) => [code, object?.name]),
    [['PORT_RESERVED', 'g']],
  );
});

test('VirtualServices are bound where they name the Gateway and are exported to the router’s namespace', () => {
  const gateways = [aGateway('shop', 'g', [aServer(80, 'http')])];
  const at = (name: string, namespace: string, more: Parameters<typeof aRouting>[3] = {}) =>
    aRouting(namespace, name, ['a.example'], { gateways: ['shop/g'], ...more });
  const routings = [
    at('public', 'shop'),
    at('named', 'shop', { exportTo: to('edge'), gateways: ['mesh', 'shop/g'] }),
    at('own', 'edge', { exportTo: to('edge') }),
    at('hidden', 'shop', { exportTo: to('shop') }),
    at('nobody', 'shop', { exportTo: NOBODY }),
    at('mesh', 'shop', { gateways: ['mesh'] }),
    at('other', 'shop', { gateways: ['shop/h'] }),
  ];
  assert.deepEqual(bound(world({ gateways, routings })), [
    'shop/g VirtualService/edge/own 0',
    'shop/g VirtualService/shop/named 1',
    'shop/g VirtualService/shop/public 2',
  ]);
  assert.deepEqual(bound(world({ routings })), []);
});

test('a Gateway of others changes nothing for a class', () => {
  const bed = world({ gateways: [aGateway('shop', 'g', [aServer(80, 'http')], { selector: { istio: 'edge' } })] });
  const other = aGateway('shop', 'o', [aServer(80, 'http')], { selector: { istio: 'elsewhere' } });
  const names: string[] = [];
  bed.graph.onCommit(({ recomputed }) => names.push(...recomputed.keys()));
  bed.graph.commit((tx) => tx.set(bed.inputs.gateways, idOf(other.key), other));
  assert.deepEqual(names, []);
});
