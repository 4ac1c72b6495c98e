import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessRecord } from '../lab/index.ts';
import { type Answer, answerOf } from './calls.ts';
import { differences } from './judge.ts';
import type { CallOutcome } from './step.ts';

const record = (fields: Partial<AccessRecord>) =>
  ({
    listener: '0.0.0.0_80',
    route_name: 'default',
    upstream_cluster: 'outbound|80||api.example.com',
    requested_server_name: null,
    response_flags: '-',
    ...fields,
  }) as AccessRecord;
const answer: Answer = { code: 0, statuses: [200], from: [{ server: 'api.example.com', address: '203.0.113.10' }] };
const expected: CallOutcome = {
  status: 200,
  servers: { 'api.example.com': [1, 1] },
  access: [{ listener: '0.0.0.0_80', cluster: 'outbound|80||api.example.com' }],
};

test('a call that went as expected differs in nothing', () => {
  assert.deepEqual(differences(expected, answer, [record({})]), []);
});

test('each thing that went otherwise is told with what was expected and what was found', () => {
  const cases: readonly [Partial<CallOutcome>, Partial<Answer>, readonly AccessRecord[], RegExp][] = [
    [{}, { statuses: [503] }, [record({})], /HTTP status: expected 200, found 503/],
    [{}, { statuses: [200, 503] }, [record({})], /HTTP status: expected 200, found 200, 503/],
    [{}, { code: 35, complaint: 'curl: (35) reset' }, [record({})], /exit code: expected 0, found 35 curl: \(35\) reset/],
    [{}, { from: [{ server: 'other', address: '203.0.113.66' }] }, [record({})], /who answered: .* found {"other":1}/],
    [{}, { from: [] }, [record({})], /who answered/],
    [{ addresses: ['203.0.113.11'] }, {}, [record({})], /addresses that answered/],
    [{ peer: 'api.example.com' }, {}, [record({})], /TLS peer: expected api\.example\.com, found none that was checked/],
    [{}, {}, [record({ upstream_cluster: 'PassthroughCluster' })], /access log: .* found .*PassthroughCluster/],
    [{}, {}, [record({ listener: 'virtualOutbound' })], /access log: .* found .*virtualOutbound/],
    [{}, {}, [], /access log: .* found nothing/],
    [{}, {}, [record({}), record({ upstream_cluster: 'BlackHoleCluster' })], /access log: .* found .*BlackHoleCluster/],
    [
      { access: [{ cluster: 'a' }, { cluster: 'b' }] },
      {},
      [record({ upstream_cluster: 'a' })],
      /access log: expected {"cluster":"b"}/,
    ],
  ];
  for (const [outcome, saw, access, told] of cases) {
    const found = differences({ ...expected, ...outcome }, { ...answer, ...saw }, access);
    assert.equal(found.length, 1, `${told}: ${found.join('; ')}`);
    assert.match(found[0]!, told);
  }
});

test('a TLS peer counts only when curl has checked its certificate', () => {
  const stderr = (checked: string) =>
    `* Server certificate:\n*  subject: O=stand-in; CN=httpbin.org\n*  issuer: CN=CA\n*  ${checked}\n`;
  const said = '{"server":"httpbin.org","address":"203.0.113.20","headers":{}}\n\ntransfer:200\n';
  assert.equal(answerOf({ code: 0, stdout: said, stderr: stderr('SSL certificate verify ok.') }).peer, 'httpbin.org');
  assert.equal(answerOf({ code: 0, stdout: said, stderr: stderr('SSL certificate verify result: self-signed') }).peer, undefined);
});
