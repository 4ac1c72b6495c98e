import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultOfJson, faultOfLine } from './access-log-format.ts';
import { meshFrom } from './mesh.ts';

test('what Envoy takes of a line is taken', () => {
  for (const line of [
    '',
    'plain',
    '100%% %PROTOCOL%',
    '[%START_TIME(%s.%3f)%] %REQ(X-ID?:PATH):10% %RESP(A)%',
    '%DYNAMIC_METADATA(com.test:key):5% %FILTER_STATE(x:PLAIN)% %COMMON_DURATION(DS_RX_BEG:DS_TX_END:ms)%',
    "%CEL(request.headers['x'])% %PATH(NQ:ORIG)% %TLS_JA4_FINGERPRINT%",
  ])
    assert.equal(faultOfLine(line), undefined, line);
});

test('what Envoy refuses is told in words', () => {
  assert.match(faultOfLine('%RESPONSE_COD%')!, /%RESPONSE_COD%, which Envoy does not know; did you mean %RESPONSE_CODE%/);
  assert.match(faultOfLine('100%')!, /lone %/);
  assert.match(faultOfLine('%req(x)%')!, /lone %/);
  assert.match(faultOfLine('%REQ%')!, /without its argument/);
  assert.match(faultOfLine('%REQ(a?b?c)%')!, /more than one alternative/);
  assert.match(faultOfLine('%PROTOCOL(x)%')!, /does not take/);
  assert.match(faultOfLine('%UPSTREAM_HOST:3%')!, /does not take/);
  assert.match(faultOfJson('{"a": {"b": ["%FOO%"]}}')!, /%FOO%/);
  assert.match(faultOfJson('[]')!, /no JSON object/);
  assert.equal(faultOfJson('{"a": "%PROTOCOL%", "n": 1}'), undefined);
});

test('a format that Envoy refuses is not in force, and told where it stands', () => {
  const { value, issues } = meshFrom({
    rootNamespace: 'istio-system',
    overlay: { accessLogFile: '/dev/stdout', accessLogFormat: '%FOO%' },
  });
  assert.equal(value.accessLogFormat, '');
  assert.deepEqual(
    issues.map(({ code, severity, field }) => [code, severity, field]),
    [['INVALID_VALUE', 'warning', ['accessLogFormat']]],
  );
  const asJson = meshFrom({
    rootNamespace: 'istio-system',
    overlay: { accessLogFormat: '%PROTOCOL%', access_log_encoding: 'JSON' },
  });
  assert.equal(asJson.issues.length, 1);
});
