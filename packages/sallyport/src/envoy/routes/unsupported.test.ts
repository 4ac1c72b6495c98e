import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldText, type HttpRoute } from '../../model/index.ts';
import { redirectAction } from './redirect.ts';
import { routing } from './testing/rows.ts';
import { unsupportedIn } from './unsupported.ts';

function found(route: HttpRoute): string[] {
  const issues = [...unsupportedIn(routing('v', { hosts: ['a.example'], http: [route] }))];
  return issues.map(([, { code, severity, field }]) => `${code} ${severity} ${fieldText(field!)}`);
}

test('redirects with a code that Envoy does not know are errors', () => {
  assert.deepEqual(found({ redirect: { uri: '/', redirectCode: 305 } }), [
    'UNSUPPORTED error spec.http[0].redirect.redirectCode',
  ]);
  assert.deepEqual(found({ redirect: { uri: '/' } }), []);
});

test('a line break where a header comes from is told, and not sent', () => {
  assert.deepEqual(found({ redirect: { uri: '/a\nb', authority: 'a.example\r\nx: y' } }), [
    'UNSUPPORTED error spec.http[0].redirect.uri',
    'UNSUPPORTED error spec.http[0].redirect.authority',
  ]);
  assert.equal(redirectAction({ authority: 'a.example\r\nx: y' }, 80).hostRedirect, 'a.examplex: y');
});

test('a status above 599 is told', () => {
  assert.deepEqual(found({ directResponse: { status: 600 } }), ['UNSUPPORTED warning spec.http[0].directResponse.status']);
  assert.deepEqual(found({ fault: { abort: { httpStatus: 600 } } }), ['UNSUPPORTED warning spec.http[0].fault.abort.httpStatus']);
});

test('conditions on claims are told', () => {
  const match = [{ uri: { prefix: '/' } }, { headers: { '@request.auth.claims.group': { exact: 'admin' } } }];
  assert.deepEqual(found({ match }), ['INEFFECTIVE warning spec.http[0].match[1].headers.@request.auth.claims.group']);
});
