import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeshConfig } from '../../model/index.ts';
import { port, service, worldOf } from './testing/world.ts';

function managerOf(mesh: Partial<MeshConfig>, ...ports: Parameters<typeof port>[]): Record<string, unknown> {
  const services = [
    service('a.example', { ports: ports.length === 0 ? [port(80, 'http')] : ports.map((made) => port(...made)) }),
  ];
  const listener = worldOf({ services, mesh, class: { traits: { idleTimeout: '9s' } } }).of('a')['0.0.0.0_80'];
  return (listener as unknown as { filterChains: { filters: { typedConfig: Record<string, unknown> }[] }[] }).filterChains[0]!
    .filters[0]!.typedConfig;
}

const filtersOf = (manager: Record<string, unknown>) =>
  (manager['httpFilters'] as { name: string }[]).map(({ name }) => name.replace('envoy.filters.http.', ''));

test('tracing is as the mesh says', () => {
  assert.ok(managerOf({})['tracing']);
  assert.equal(managerOf({ enableTracing: false })['tracing'], undefined);
});

test('the proxy’s idle time-out holds for HTTP too', () => {
  assert.deepEqual(managerOf({})['commonHttpProtocolOptions'], { idleTimeout: '9s' });
});

test('grpc-web stands first, the router last', () => {
  assert.deepEqual(filtersOf(managerOf({}, [80, 'grpc-web'])), ['grpc_web', 'grpc_stats', 'fault', 'cors', 'router']);
  assert.deepEqual(filtersOf(managerOf({})), ['grpc_stats', 'fault', 'cors', 'router']);
});

test('paths are brought to the form that the mesh asks for', () => {
  const parts = (pathNormalization: string) => {
    const { normalizePath, mergeSlashes, pathWithEscapedSlashesAction } = managerOf({ pathNormalization });
    return [normalizePath, mergeSlashes, pathWithEscapedSlashesAction];
  };
  assert.deepEqual(parts('NONE'), [false, undefined, 'KEEP_UNCHANGED']);
  assert.deepEqual(parts('DEFAULT'), [true, undefined, 'KEEP_UNCHANGED']);
  assert.deepEqual(parts('MERGE_SLASHES'), [true, true, 'KEEP_UNCHANGED']);
  assert.deepEqual(parts('DECODE_AND_MERGE_SLASHES'), [true, true, 'UNESCAPE_AND_FORWARD']);
});
