import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeConfigName } from './route-names.ts';

const WILDCARD = { bind: '0.0.0.0', port: 80 };
const OWN = { bind: '10.0.0.1', port: 80 };

test('HTTP ports of one number share their routes wherever they are bound', () => {
  assert.equal(routeConfigName(WILDCARD, 'http', 'a.example'), '80');
  assert.equal(routeConfigName({ bind: '127.0.0.1', port: 80 }, 'grpc', 'a.example'), '80');
});

test('a port without a protocol has routes of its own on an address of its own', () => {
  assert.equal(routeConfigName(OWN, 'auto', 'a.example'), 'a.example:80');
  assert.equal(routeConfigName(WILDCARD, 'auto', 'a.example'), '80');
  assert.equal(routeConfigName({ bind: '::', port: 80 }, 'auto', 'a.example'), '80');
});

test('a unix socket names its routes', () => {
  assert.equal(routeConfigName({ bind: 'unix:///run/a.sock', port: 0 }, 'http', 'a.example'), 'unix:///run/a.sock');
});

test('TCP and TLS ports have no routes', () => {
  for (const protocol of ['tcp', 'tls', 'https', 'mongo', 'udp'] as const)
    assert.equal(routeConfigName(WILDCARD, protocol, 'a.example'), undefined);
});
