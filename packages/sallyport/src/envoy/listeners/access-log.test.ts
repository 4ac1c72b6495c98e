import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import type { MeshConfig } from '../../model/index.ts';
import { accessLoggingOf } from './access-log.ts';
import { port, service, worldOf } from './testing/world.ts';

const services = [service('a.example', { ports: [port(80, 'http'), port(5432, 'tcp')] })];

type Log = {
  readonly name: string;
  readonly filter?: unknown;
  readonly typedConfig: { readonly path?: string; readonly logFormat: JsonObject };
};

/** The loggers of a listener, of its connection manager and of its first TCP proxy. */
function logsOf(mesh: Partial<MeshConfig>) {
  const got = worldOf({ services, mesh }).of('a') as Readonly<Record<string, unknown>>;
  type Listener = { accessLog?: Log[]; filterChains: { filters: { typedConfig: { accessLog?: Log[] } }[] }[] };
  const at = (name: string) => got[name] as Listener;
  const first = (name: string) => at(name).filterChains[0]!.filters[0]!.typedConfig.accessLog;
  return {
    listener: at('0.0.0.0_80').accessLog,
    http: first('0.0.0.0_80'),
    tcp: first('0.0.0.0_5432'),
    capture: first('virtualOutbound'),
  };
}

describe('access log', () => {
  test('there is none unless the mesh says where to', () => {
    assert.deepEqual(logsOf({}), { listener: undefined, http: undefined, tcp: undefined, capture: undefined });
    assert.equal(accessLoggingOf({ accessLogFile: '' }), undefined);
  });

  test('standard output is written to by the logger that opens nothing', () => {
    const { http, tcp, capture } = logsOf({ accessLogFile: '/dev/stdout' });
    for (const logs of [http, tcp, capture])
      assert.deepEqual(
        logs!.map(({ name }) => name),
        ['envoy.access_loggers.stdout'],
      );
    assert.equal(logsOf({ accessLogFile: '/dev/stderr' }).tcp![0]!.name, 'envoy.access_loggers.stderr');
  });

  test('a file is named by its path', () => {
    const [log] = logsOf({ accessLogFile: '/var/log/calls' }).tcp!;
    assert.equal(log!.name, 'envoy.access_loggers.file');
    assert.equal(log!.typedConfig.path, '/var/log/calls');
  });

  test('listeners log only what no chain took', () => {
    const [log] = logsOf({ accessLogFile: '/dev/stdout' }).listener!;
    assert.deepEqual(log!.filter, { responseFlagFilter: { flags: ['NR'] } });
  });

  test('the default line ends, and so does a line of the user’s', () => {
    const lineOf = (mesh: Partial<MeshConfig>) =>
      (logsOf({ accessLogFile: '/dev/stdout', ...mesh }).http![0]!.typedConfig.logFormat['textFormatSource'] as JsonObject)[
        'inlineString'
      ];
    assert.match(String(lineOf({})), /^\[%START_TIME%\] .* %ROUTE_NAME%\n$/);
    assert.equal(lineOf({ accessLogFormat: '%PROTOCOL%' }), '%PROTOCOL%\n');
  });

  test('JSON says by name where a call went, and at which listener', () => {
    const { jsonFormat } = logsOf({ accessLogFile: '/dev/stdout', accessLogEncoding: 'JSON' }).tcp![0]!.typedConfig.logFormat;
    const fields = jsonFormat as JsonObject;
    assert.equal(fields['listener'], '0.0.0.0_5432');
    assert.equal(fields['upstream_cluster'], '%UPSTREAM_CLUSTER_RAW%');
    for (const name of ['route_name', 'filter_chain_name', 'requested_server_name', 'response_flags', 'authority'])
      assert.ok(name in fields, name);
  });

  test('JSON fields of the user’s replace the default ones', () => {
    const mesh = { accessLogFile: '/dev/stdout', accessLogEncoding: 'JSON', accessLogFormat: '{"p": "%PROTOCOL%"}' } as const;
    assert.deepEqual(logsOf(mesh).tcp![0]!.typedConfig.logFormat['jsonFormat'], { p: '%PROTOCOL%', listener: '0.0.0.0_5432' });
  });

  test('JSON that is none is named, and the default fields are logged', () => {
    const broken = { accessLogFile: '/dev/stdout', accessLogEncoding: 'JSON', accessLogFormat: '[%PROTOCOL%]' } as const;
    assert.deepEqual(accessLoggingOf(broken), accessLoggingOf({ accessLogFile: '/dev/stdout', accessLogEncoding: 'JSON' }));
  });
});
