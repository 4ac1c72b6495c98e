import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTls } from './downstream-tls.ts';
import { call, downstreamTls, indexOf, listener, tcpChain } from './testing/resources.ts';

type Socket = ReturnType<typeof downstreamTls> | undefined;

function error(transportSocket: Socket, tls: string, mtlsSecret = '') {
  const chain = tcpChain('c', {}, transportSocket === undefined ? {} : { transportSocket });
  const index = indexOf({ listeners: [listener('0.0.0.0:80', { filterChains: [chain] })] });
  return checkTls(index.listeners.get('0.0.0.0:80')!.filterChains[0]!, call({ tls, mtlsSecret })).error;
}

test('a chain without TLS asks nothing of the handshake', () => {
  for (const tls of ['plaintext', 'tls', 'mtls']) assert.equal(error(undefined, tls), undefined);
});

test('a chain that ends TLS takes no plaintext', () => {
  assert.equal(error(downstreamTls('default', true), 'plaintext'), 'TLSError');
  assert.equal(error(downstreamTls('kubernetes://site', false), 'plaintext'), 'TLSError');
});

test('workload mTLS and the call being mtls must go together', () => {
  const mesh = downstreamTls('default', true);
  assert.equal(error(mesh, 'mtls'), undefined);
  assert.equal(error(mesh, 'tls'), 'MTLSError');
  assert.equal(error(downstreamTls('default', false), 'mtls'), 'MTLSError');
  assert.equal(error(downstreamTls('default', false), 'tls'), undefined);
  assert.equal(error(downstreamTls('site', true), 'mtls'), 'MTLSError');
  assert.equal(error(downstreamTls('site', true), 'mtls', 'site'), undefined);
  assert.equal(error(downstreamTls('site', true), 'tls'), undefined);
});

test('a chain without any certificate is no workload’s, whatever secret the call names', () => {
  assert.equal(error(downstreamTls('', true), 'mtls', ''), 'MTLSError');
});
