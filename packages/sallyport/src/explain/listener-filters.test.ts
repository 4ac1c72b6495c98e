import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '@bufbuild/protobuf';
import { inspect } from './listener-filters.ts';
import { call, HTTP_INSPECTOR, indexOf, listener, TLS_INSPECTOR } from './testing/resources.ts';

function seen(listenerFilters: JsonValue[], given: Readonly<Record<string, unknown>>) {
  const index = indexOf({ listeners: [listener('0.0.0.0:80', { listenerFilters })] });
  const { transport, sni, alpn } = inspect(index.listeners.get('0.0.0.0:80')!, call(given)).seen;
  return [transport, sni, ...alpn];
}

const disabled = (filter: object, filterDisabled: JsonValue): JsonValue => ({ ...filter, filterDisabled }) as JsonValue;
const ports = (start: number, end: number): JsonValue => ({ destinationPortRange: { start, end } });

test('only the TLS inspector sees server name, protocol list and that it is TLS at all', () => {
  const tls = { tls: 'tls', protocol: 'http2', host: 'A.example' };
  assert.deepEqual(seen([TLS_INSPECTOR], tls), ['tls', 'a.example', 'h2']);
  assert.deepEqual(seen([], tls), ['raw_buffer', '']);
  assert.deepEqual(seen([HTTP_INSPECTOR], tls), ['raw_buffer', '']);
});

test('only the HTTP inspector recognises plaintext HTTP', () => {
  assert.deepEqual(seen([TLS_INSPECTOR, HTTP_INSPECTOR], { protocol: 'http' }), ['raw_buffer', '', 'http/1.1']);
  assert.deepEqual(seen([HTTP_INSPECTOR], { protocol: 'http2' }), ['raw_buffer', '', 'h2c']);
  assert.deepEqual(seen([HTTP_INSPECTOR], { protocol: 'tcp' }), ['raw_buffer', '']);
  assert.deepEqual(seen([TLS_INSPECTOR], { protocol: 'http' }), ['raw_buffer', '']);
});

test('a filter does nothing on ports where it is disabled', () => {
  const check = (predicate: JsonValue, port: number, runs: boolean) =>
    assert.deepEqual(seen([disabled(HTTP_INSPECTOR, predicate)], { protocol: 'http', port }).length, runs ? 3 : 2);
  check(ports(80, 81), 80, false);
  check(ports(80, 81), 81, true);
  check(ports(80, 90), 89, false);
  check({ notMatch: ports(80, 81) }, 80, true);
  check({ notMatch: ports(80, 81) }, 81, false);
  check({ orMatch: { rules: [ports(80, 81), ports(90, 91)] } }, 90, false);
  check({ orMatch: { rules: [ports(80, 81), ports(90, 91)] } }, 85, true);
  check({ andMatch: { rules: [ports(80, 85), ports(82, 90)] } }, 83, false);
  check({ andMatch: { rules: [ports(80, 85), ports(82, 90)] } }, 81, true);
  check({ anyMatch: true }, 1, false);
  check({ anyMatch: false }, 1, true);
});

test('filters are known by the type of their configuration, by name only without one', () => {
  assert.deepEqual(seen([{ name: 'envoy.filters.listener.http_inspector' }], { protocol: 'http' }).length, 3);
  assert.deepEqual(seen([{ ...HTTP_INSPECTOR, name: 'mine' }], { protocol: 'http' }).length, 3);
  assert.deepEqual(seen([{ ...TLS_INSPECTOR, name: 'envoy.filters.listener.http_inspector' }], { protocol: 'http' }).length, 2);
});

test('the steps say which filter ran, was off, or is not there', () => {
  const listenerFilters = [disabled(TLS_INSPECTOR, { anyMatch: true })];
  const index = indexOf({ listeners: [listener('0.0.0.0:80', { listenerFilters })] });
  const { steps } = inspect(index.listeners.get('0.0.0.0:80')!, call());
  assert.deepEqual(
    steps.map(({ filter, state }) => [filter, state]),
    [
      ['tls_inspector', 'disabled'],
      ['http_inspector', 'absent'],
    ],
  );
});
