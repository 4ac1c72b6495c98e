import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callOf } from './call.ts';
import type { CallOutcome, Upstream } from './outcome.ts';
import { sentenceOf } from './sentence.ts';
import { type Verdict, verdictOf } from './verdict.ts';

type Ended = Omit<CallOutcome, 'steps'>;
const cluster = (name: string, rest: Partial<Upstream> = {}): Upstream => ({
  cluster: name,
  exists: true,
  type: 'EDS',
  endpoints: ['203.0.113.1:443'],
  ...rest,
});
const sentTo = (...upstreams: readonly Upstream[]): Ended => ({ error: null, detail: { action: 'cluster', upstreams } });
const blackHole = cluster('BlackHoleCluster', { type: 'STATIC', endpoints: [] });
const call = callOf({ port: 443, protocol: 'http', tls: 'tls', host: 'a.example', path: '/x' }).value!;

describe('the verdict', () => {
  const cases: readonly [string, Ended, Verdict][] = [
    ['a declared destination', sentTo(cluster('outbound|443||a')), 'allowed'],
    ['one of two destinations', sentTo(cluster('outbound|443||a'), cluster('b', { exists: false })), 'allowed'],
    [
      'names that are resolved on demand',
      sentTo(cluster('a', { type: 'envoy.clusters.dynamic_forward_proxy', endpoints: [] })),
      'allowed',
    ],
    ['the original destination of a declared host', sentTo(cluster('a', { type: 'ORIGINAL_DST', endpoints: [] })), 'allowed'],
    ['the black hole', sentTo(blackHole), 'blocked'],
    [
      'the virtual host that blocks all',
      { error: null, virtualHost: 'block_all', detail: { action: 'direct', directStatus: 502 } },
      'blocked',
    ],
    ['the passthrough cluster', sentTo(cluster('PassthroughCluster', { type: 'ORIGINAL_DST', endpoints: [] })), 'passthrough'],
    [
      'a port of the workload that nothing serves',
      sentTo(cluster('InboundPassthroughCluster', { type: 'ORIGINAL_DST' })),
      'passthrough',
    ],
    ['a redirect', { error: null, detail: { action: 'redirect' } }, 'redirected'],
    ['a virtual host that wants TLS', { error: 'TLSRedirect' }, 'redirected'],
    ['an answer of the proxy', { error: null, virtualHost: 'a:80', detail: { action: 'direct', directStatus: 403 } }, 'answered'],
    ['no route', { error: 'NoRoute', virtualHost: 'a:80' }, 'failed'],
    ['a cluster that is missing', sentTo(cluster('a', { exists: false })), 'failed'],
    ['a cluster without endpoints', sentTo(cluster('a', { endpoints: [] })), 'failed'],
    ['a filter chain without proxy', { error: null, detail: { action: 'none' } }, 'failed'],
  ];
  for (const [name, outcome, verdict] of cases) {
    it(`${name}: ${verdict}`, () => assert.equal(verdictOf(outcome), verdict));
  }
});

describe('the sentence', () => {
  const says = (outcome: Ended, text: string) =>
    assert.equal(sentenceOf(call, outcome), `GET https://a.example/x at 1.3.3.7:443 ${text}`);

  it('names destinations with their shares, endpoints and TLS', () => {
    const outcome: Ended = {
      error: null,
      detail: {
        action: 'weighted',
        weighted: [
          { cluster: 'a', weight: 3 },
          { cluster: 'b', weight: 1 },
        ],
        upstreams: [cluster('a', { tls: { always: { sni: 'a' } } }), cluster('b', { endpoints: ['1:1', '2:1', '3:1', '4:1'] })],
      },
    };
    says(outcome, 'goes to a (75 %) at 203.0.113.1:443 in TLS that the proxy begins, and b (25 %) at 1:1, 2:1, 3:1 and 1 more');
  });

  it('says what is wrong with a destination', () => {
    says(sentTo(cluster('a', { exists: false })), 'fails with status 503: there is no cluster a');
    says(sentTo(cluster('a', { endpoints: [] })), 'fails with status 503: a has no endpoints');
    says({ error: 'NoVirtualHost' }, 'fails with status 404: no virtual host is for its host');
    says(
      sentTo(cluster('a'), cluster('b', { exists: false, endpoints: [] })),
      'goes to a at 203.0.113.1:443, and b, which cannot serve it',
    );
  });

  it('speaks of connections where there is no HTTP', () => {
    const tcp = callOf({ address: '2001:db8::5', port: 5432, tls: 'tls', sni: 'db.example' }).value!;
    const said = sentenceOf(tcp, sentTo(blackHole));
    assert.match(said, /^a TLS connection to \[2001:db8::5\]:5432 for db\.example is blocked: /);
  });
});
