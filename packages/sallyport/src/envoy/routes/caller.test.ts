import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lanesOf, placingsOf } from './caller.ts';

const REDIRECT = { interception: 'REDIRECT' } as const;

/** Names of the route configurations that a service with this port stands in, by egress listener. */
function names(egress: Parameters<typeof lanesOf>[0], port: number, httpProxy = false): string[][] {
  return lanesOf(egress, REDIRECT, httpProxy).map((lane) =>
    placingsOf(lane, port).map(({ name, listenPort }) => `${name}@${listenPort}`),
  );
}

test('without ports on egress listeners every port has its route configuration', () => {
  assert.deepEqual(names([{ hosts: ['*/*'] }], 8080), [['8080@8080']]);
});

test('a port belongs to the egress listener that names it, everything else to the one without port', () => {
  const egress = [{ port: { number: 9080, protocol: 'HTTP' }, hosts: ['*/*'] }, { hosts: ['*/*'] }];
  assert.deepEqual(names(egress, 9080), [['9080@9080'], []]);
  assert.deepEqual(names(egress, 80), [[], ['80@80']]);
});

test('the first of two egress listeners with one port has it, and nothing comes after one without port', () => {
  const http = { protocol: 'HTTP' };
  assert.deepEqual(
    names(
      [
        { port: { number: 80, ...http }, hosts: [] },
        { port: { number: 80, ...http }, hosts: [] },
      ],
      80,
    ),
    [['80@80'], []],
  );
  assert.deepEqual(names([{ hosts: [] }, { port: { number: 80, ...http }, hosts: [] }], 80), [['80@80'], []]);
});

test('an HTTP proxy port and a unix socket take all ports', () => {
  const egress = [
    { port: { number: 3128, protocol: 'HTTP_PROXY' }, hosts: [] },
    { port: { number: 0, protocol: 'HTTP' }, bind: 'unix:///run/a.sock', hosts: [] },
  ];
  assert.deepEqual(names(egress, 8080), [['3128@0'], ['unix:///run/a.sock@0']]);
});

test('the HTTP proxy of the mesh serves all ports of the egress listener without port, claimed ones too', () => {
  const egress = [{ port: { number: 9080, protocol: 'HTTP' }, hosts: [] }, { hosts: [] }];
  assert.deepEqual(names(egress, 9080, true), [['9080@9080'], ['http_proxy@0']]);
  assert.deepEqual(names(egress, 80, true), [[], ['80@80', 'http_proxy@0']]);
});
