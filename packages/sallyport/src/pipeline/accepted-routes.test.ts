import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VirtualServiceSpec } from '../model/index.ts';
import { createConfiguration } from './configuration.ts';
import { createPipeline } from './index.ts';

const SERVICE = `apiVersion: networking.gloo.solo.io/v2
kind: ExternalService
metadata: {name: api, namespace: shop}
spec: {hosts: [api.example.com], ports: [{number: 80, protocol: HTTP}]}
`;
const table = (first: string, mode = 'FREEZE_CONFIG') => `apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: api, namespace: shop}
spec:
  hosts: [api.example.com]
  failureMode: ${mode}
  http:
  - {matchers: [{uri: {prefix: /${first}}}], forwardTo: {destinations: [{ref: {name: ${first}}, kind: EXTERNAL_SERVICE}]}}
  - {matchers: [{uri: {prefix: /tea-${first}}}], directResponse: {status: 418}}
`;

function start(files: Readonly<Record<string, string>>) {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  const configuration = createConfiguration(pipeline);
  const put = (changed: Readonly<Record<string, string>>, remove: readonly string[] = []) =>
    configuration.receive({
      source: 'memory',
      put: Object.entries(changed).map(([path, text]) => ({ path, text })),
      remove,
      synced: true,
      issues: [],
    });
  put(files);
  return {
    put,
    /** What the routes of the host do, as `path action`. */
    routes: () =>
      [...pipeline.translate.objects.VirtualService.entries()].flatMap(([, { spec }]) =>
        ((spec as VirtualServiceSpec).http ?? []).map(
          ({ match, route, directResponse }) =>
            `${match?.[0]?.uri?.prefix} ${route?.[0]?.destination.host ?? directResponse?.status}`,
        ),
      ),
    said: () =>
      configuration
        .issues()
        .filter(({ severity }) => severity !== 'info')
        .map(({ code, severity }) => `${severity} ${code}`),
  };
}

describe('a RouteTable with failureMode FREEZE_CONFIG', () => {
  const good = ['/api api.example.com', '/tea-api 418'];

  it('stays as it was accepted while something in it is wrong, its good routes too', () => {
    const { put, routes, said } = start({ 'service.yaml': SERVICE, 'table.yaml': table('api') });
    assert.deepEqual(routes(), good);
    put({ 'table.yaml': table('missing') });
    assert.deepEqual([routes(), said()], [good, ['warning INEFFECTIVE', 'error DANGLING_REFERENCE']]);
    put({ 'table.yaml': table('api') });
    assert.deepEqual([routes(), said()], [good, []]);
  });

  it('stays as it was when what it leads to disappears', () => {
    const { put, routes } = start({ 'service.yaml': SERVICE, 'table.yaml': table('api') });
    put({}, ['service.yaml']);
    assert.deepEqual(routes(), good);
  });

  it('answers 500 for what is wrong as long as nothing was accepted, also after it was removed in between', () => {
    const { put, routes } = start({ 'service.yaml': SERVICE, 'table.yaml': table('missing') });
    assert.deepEqual(routes(), ['/missing 500', '/tea-missing 418']);
    put({ 'table.yaml': table('api') });
    put({}, ['table.yaml']);
    put({ 'table.yaml': table('missing') });
    assert.deepEqual(routes(), ['/missing 500', '/tea-missing 418']);
  });

  it('is for one table: without it wrong routes answer 500, and the others follow', () => {
    const { put, routes } = start({ 'service.yaml': SERVICE, 'table.yaml': table('api', 'ROUTE_REPLACEMENT') });
    put({ 'table.yaml': table('missing', 'ROUTE_REPLACEMENT') });
    assert.deepEqual(routes(), ['/missing 500', '/tea-missing 418']);
  });
});
