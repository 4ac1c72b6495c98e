import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createConfiguration } from './configuration.ts';
import { createPipeline } from './index.ts';
import { proxyOfJson } from './proxies.ts';
import { callerOf, lookUp, requestOf } from './request.ts';

function pipelineOf(text: string) {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  const put = [{ path: 'mesh.yaml', text }];
  createConfiguration(pipeline).receive({ source: 'test', put, remove: [], synced: true, issues: [] });
  return pipeline;
}

describe('a request', () => {
  it('is a call whose port and encryption the scheme says', () => {
    const read = (text: string) => requestOf('GET', text).value;
    const web = { method: 'GET', host: 'api.example.com', hostname: 'api.example.com' };
    assert.deepEqual(read('https://API.example.com/v1?q=1'), {
      ...web,
      port: 443,
      protocol: 'http',
      tls: 'tls',
      path: '/v1?q=1',
    });
    assert.deepEqual(read('http://api.example.com'), { ...web, port: 80, protocol: 'http', tls: 'plaintext', path: '/' });
    assert.deepEqual([read('http://a.example:8080')?.host, read('http://a.example:8080')?.port], ['a.example:8080', 8080]);
    assert.deepEqual([read('tcp://db.example:5432')?.protocol, read('tcp://db.example:5432')?.port], ['tcp', 5432]);
    assert.deepEqual([read('grpc://a.example')?.protocol, read('grpc://a.example')?.tls], ['http2', 'plaintext']);
    assert.equal(read('http://[2001:db8::7]/')?.hostname, '2001:db8::7');
  });

  it('is refused when nobody could make it', () => {
    for (const text of ['api.example.com', 'ftp://a.example', 'tcp://db.example', '/path', 'http://']) {
      const { value, issues } = requestOf('GET', text);
      assert.equal(value, undefined, text);
      assert.notEqual(issues[0]?.hint, undefined, text);
    }
  });
});

describe('the calling workload', () => {
  const pod = (name: string, version: string) => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: web, version: "${version}"}}
status: {podIP: 10.0.0.${version}, phase: Running}
---`;

  it('has the labels and addresses of its Pod, or of the first replica', () => {
    const pipeline = pipelineOf(`${pod('web-b', '2')}${pod('web-a', '1')}`);
    const labelsOf = (from: string) => callerOf(pipeline, from).value?.proxy['labels'] as Record<string, string>;
    assert.equal(labelsOf('shop/web-b')['version'], '2');
    assert.equal(labelsOf('shop/web')['version'], '1');
    assert.deepEqual(callerOf(pipeline, 'shop/web').value?.proxy['ips'], ['10.0.0.1']);
    assert.equal(callerOf(pipeline, 'shop/web').value?.assumed, undefined);
  });

  it('is taken to be labelled with its name where nothing says more, and that is said', () => {
    const found = callerOf(pipelineOf(''), 'shop/web').value;
    assert.deepEqual(found?.proxy['labels'], { app: 'web' });
    assert.match(found?.assumed ?? '', /shop\/web .* app=web/);
    assert.equal(callerOf(pipelineOf(''), 'web').value, undefined);
  });
});

describe('looking a host up', () => {
  const pipeline = pipelineOf(`
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop}
spec:
  hosts: [api.example.com, "*.saas.example"]
  addresses: [10.1.2.3]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: NONE
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  clusterIP: 10.5.5.5
  ports: [{port: 5432, name: tcp}]
`);
  const from = (json: object) => proxyOfJson({ namespace: 'shop', metadata: { DNS_CAPTURE: 'true' }, ...json }).value!;

  it('gives the address in the mesh, by short names and wildcards too', () => {
    const found = ['api.example.com', 'x.saas.example', 'db', 'db.shop', 'db.shop.svc.cluster.local'].map((host) =>
      lookUp(pipeline, from({}), host),
    );
    assert.deepEqual(found, ['10.1.2.3', '10.1.2.3', '10.5.5.5', '10.5.5.5', '10.5.5.5']);
  });

  it('gives what public DNS would, by an address that is nobody’s, and leaves addresses alone', () => {
    assert.equal(lookUp(pipeline, from({}), 'leak.example'), '192.0.2.1');
    assert.equal(lookUp(pipeline, from({ ips: ['2001:db8:1::9'] }), 'leak.example'), '2001:db8::1');
    assert.equal(lookUp(pipeline, from({}), '198.51.100.9'), '198.51.100.9');
  });
});
