import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callOf, withoutPort } from './call.ts';

const value = (json: unknown) => callOf(json).value;
const codes = (json: unknown) => callOf(json).issues.map(({ code, field }) => [code, ...(field ?? [])].join(' '));

test('a call needs nothing but a port', () => {
  assert.deepEqual(value({ port: 80 }), {
    address: '1.3.3.7',
    port: 80,
    protocol: 'tcp',
    tls: 'plaintext',
    sni: '',
    alpn: [],
    host: '',
    method: 'GET',
    path: '/',
    headers: {},
    inbound: false,
    principal: '',
    source: '',
    mtlsSecret: '',
  });
});

test('a TLS call sends the host as server name, an mtls call does not', () => {
  assert.equal(value({ port: 443, tls: 'tls', host: 'a.example:443' })?.sni, 'a.example');
  assert.equal(value({ port: 443, tls: 'tls', host: 'a.example', sni: '' })?.sni, '');
  assert.equal(value({ port: 443, tls: 'mtls', host: 'a.example' })?.sni, '');
});

test('the protocol list follows from protocol and TLS unless it is given', () => {
  const alpn = (tls: string, protocol: string, more = {}) => value({ port: 443, tls, protocol, ...more })?.alpn;
  assert.deepEqual(alpn('tls', 'http'), ['http/1.1']);
  assert.deepEqual(alpn('tls', 'http2'), ['h2']);
  assert.deepEqual(alpn('tls', 'tcp'), []);
  assert.deepEqual(alpn('mtls', 'http'), ['istio-http/1.1']);
  assert.deepEqual(alpn('mtls', 'http2'), ['istio-h2']);
  assert.deepEqual(alpn('mtls', 'tcp'), ['istio']);
  assert.deepEqual(alpn('mtls', 'http', { alpn: [] }), []);
});

test('a plaintext call sends neither server name nor protocol list, and is told so', () => {
  const given = { port: 443, sni: 'a.example', alpn: ['h2'] };
  assert.deepEqual([value(given)?.sni, value(given)?.alpn], ['', []]);
  assert.deepEqual(codes(given), ['INEFFECTIVE sni', 'INEFFECTIVE alpn']);
  assert.deepEqual(codes({ port: 443, sni: '', alpn: [] }), []);
});

test('header names are taken in any case', () => {
  assert.deepEqual(value({ port: 80, headers: { 'X-User': 'a' } })?.headers, { 'x-user': 'a' });
});

test('what is no call is refused, field by field', () => {
  const refused = (json: unknown, ...expected: string[]) => {
    assert.deepEqual(codes(json), expected);
    assert.equal(value(json), undefined);
  };
  refused(null, 'INVALID_VALUE');
  refused([], 'INVALID_VALUE');
  refused({}, 'MISSING_FIELD port');
  for (const port of [0, 65536, '80', 1.5, null]) refused({ port }, 'INVALID_VALUE port');
  refused({ port: 80, address: 'a.example' }, 'INVALID_VALUE address');
  refused({ port: 80, protocol: 'https' }, 'INVALID_VALUE protocol');
  refused({ port: 80, tls: true }, 'INVALID_VALUE tls');
  refused({ port: 80, alpn: 'h2' }, 'INVALID_VALUE alpn');
  refused({ port: 80, path: 'x' }, 'INVALID_VALUE path');
  refused({ port: 80, method: 'G T' }, 'INVALID_VALUE method');
  refused({ port: 80, headers: { a: 1 } }, 'INVALID_VALUE headers');
  refused({ port: 80, inbound: 'true' }, 'INVALID_VALUE inbound');
  refused({ port: 80, hots: 'a' }, 'UNKNOWN_FIELD hots');
  refused({ port: 80, toString: 'a' }, 'UNKNOWN_FIELD toString');
  refused({ sni: 1, hots: 'a' }, 'INVALID_VALUE sni', 'UNKNOWN_FIELD hots', 'MISSING_FIELD port');
});

test('a port is cut off names and bracketed addresses, and nothing else is', () => {
  const check = (host: string, expected: string) => assert.equal(withoutPort(host), expected);
  check('a.example', 'a.example');
  check('a.example:80', 'a.example');
  check('192.0.2.1:80', '192.0.2.1');
  check('[2001:db8::59]', '[2001:db8::59]');
  check('[2001:db8::59]:80', '[2001:db8::59]');
  check('', '');
});
