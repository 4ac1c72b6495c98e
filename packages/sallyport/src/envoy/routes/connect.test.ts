import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { build, domainsIn, service, sidecar } from './testing/rows.ts';

const services = [service('a.example', ['http:80', 'tls:443', 'auto:9000'])];
const forward = { interception: 'NONE', httpProxyPort: 15080 } as const;
const proxied = (connect: boolean) =>
  build({ services, classes: [sidecar({ traits: { ...forward, ...(connect && { connect }) } })] })['http_proxy'];
const portsIgnored = (connect: boolean) =>
  JSON.parse(JSON.stringify(proxied(connect))).ignorePortInHostMatching as boolean | undefined;

describe('a forward proxy that opens tunnels', () => {
  test('knows ports that do not speak HTTP by host and port, and tells hosts apart by their ports', () => {
    assert.deepEqual(domainsIn(proxied(true)), {
      'a.example:443': ['a.example:443', 'a.example.:443'],
      'a.example:80': ['a.example', 'a.example:80', 'a.example.', 'a.example.:80'],
      'a.example:9000': ['a.example:9000', 'a.example.:9000'],
      block_all: ['*'],
    });
    assert.notEqual(portsIgnored(true), true);
  });

  test('takes CONNECT alone for TLS, CONNECT besides requests where the protocol is unknown, and none for HTTP', () => {
    const matches = proxied(true)!.virtualHosts.map(({ name, routes }) => [
      name,
      routes.map(({ match }) => Object.keys(match as object)),
    ]);
    assert.deepEqual(matches, [
      ['a.example:443', [['connectMatcher']]],
      ['a.example:80', [['prefix']]],
      ['a.example:9000', [['connectMatcher'], ['prefix']]],
      ['block_all', [['prefix']]],
    ]);
  });

  test('is what only those proxies get that ask for it', () => {
    assert.deepEqual(Object.keys(domainsIn(proxied(false))), ['a.example:80', 'a.example:9000', 'block_all']);
    assert.equal(portsIgnored(false), true);
  });
});
