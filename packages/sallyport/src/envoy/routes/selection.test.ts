import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpMatchRequest } from '../../model/index.ts';
import { hasRoutes, mostSpecific, patternsOf, routingOrder, sourcesOf } from './selection.ts';
import { routing } from './testing/rows.ts';

const to = [{ destination: { host: 'a.example' } }];
const matching = (...match: HttpMatchRequest[]) => routing('v', { hosts: ['a.example'], http: [{ match, route: to }] });
const web = { namespace: 'shop', labels: { app: 'web' } };

test('a VirtualService that never asks for the source is the same for everybody', () => {
  assert.equal(sourcesOf(matching({ uri: { prefix: '/' } }), web), '');
});

test('source labels and namespace are held against the caller', () => {
  const asking = matching({ sourceLabels: { app: 'web' } }, { sourceLabels: { app: 'batch' } }, { sourceNamespace: 'pay' }, {});
  assert.equal(sourcesOf(asking, web), '1001');
});

test('gateways in a match hide its other source conditions', () => {
  const asking = matching({ gateways: ['mesh'], sourceLabels: { app: 'batch' } }, { gateways: ['istio-system/eg'] });
  assert.equal(sourcesOf(asking, web), '10');
});

test('a VirtualService has no routes on a port when every match names another or another source', () => {
  const asking = matching({ port: 8080 }, { sourceNamespace: 'pay' });
  assert.equal(hasRoutes(asking, 80, sourcesOf(asking, web)), false);
  assert.equal(hasRoutes(asking, 8080, sourcesOf(asking, web)), true);
  assert.equal(hasRoutes(routing('v', { hosts: ['a.example'], tls: [] }), 80, ''), false);
});

test('VirtualServices come private first, then by age, name and namespace', () => {
  const at = (rank: 0 | 1 | 2, name: string, createdAt: number, namespace = 'shop') =>
    routingOrder({ rank }, routing(name, {}, { createdAt, namespace }));
  const inOrder = [
    at(0, 'z', 9_000),
    at(1, 'a', 0),
    at(2, 'b', 999),
    at(2, 'b', 1_000),
    at(2, 'c', 1_000, 'a'),
    at(2, 'c', 1_000, 'b'),
  ];
  assert.deepEqual([...inOrder].sort(), inOrder);
});

test('the closest wildcard describes a host, the older VirtualService where two have it', () => {
  const patterns = patternsOf([
    { pattern: '*', order: '1', imported: 'all' },
    { pattern: '*.saas.example', order: '3', imported: 'younger' },
    { pattern: '*.saas.example', order: '2', imported: 'older' },
    { pattern: '*.x.saas.example', order: '4', imported: 'close' },
    { pattern: '*-y.saas.example', order: '5', imported: 'part of a label' },
  ]);
  assert.equal(mostSpecific('a.saas.example', patterns), 'older');
  assert.equal(mostSpecific('a.x.saas.example', patterns), 'close');
  assert.equal(mostSpecific('a-y.saas.example', patterns), 'part of a label');
  assert.equal(mostSpecific('*.saas.example', patterns), 'older');
  assert.equal(mostSpecific('*.example', patterns), 'all');
});
