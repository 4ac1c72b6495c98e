import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SharedObjects } from '../../model/index.ts';
import { isShared, mergeSettings, shareOf } from './sharing.ts';

const party = (name: string, settings: { importFrom?: SharedObjects[]; exportTo?: SharedObjects[] }, labels = {}) => ({
  name,
  labels,
  settings,
});
const object = (name: string, labels = {}) => ({ key: { kind: 'ExternalService', namespace: 'bank', name }, labels });

describe('objects of one workspace in another', () => {
  it('are there only if the one exports and the other imports', () => {
    const exporter = party('bank', { exportTo: [{ workspaces: [{ name: 'w*' }] }] });
    const importer = party('web', { importFrom: [{ workspaces: [{ selector: { tier: 'back' } }] }] });
    assert.equal(shareOf(importer, exporter), undefined);
    const labelled = { ...exporter, labels: { tier: 'back' } };
    const share = shareOf(importer, labelled)!;
    assert.equal(isShared(share, 'EXTERNAL_SERVICE', object('rates'), 'c'), true);
    assert.equal(shareOf(labelled, importer), undefined, 'the other way round nothing is said');
    assert.equal(shareOf(importer, { ...labelled, settings: {} }), undefined);
  });

  it('are those that both sides select, by kind, labels, name, namespace and cluster', () => {
    const share = (imports: object, exports: object) => ({ imports: [imports], exports: [exports] });
    const check = (imports: object, exports: object, expected: boolean): void =>
      assert.equal(isShared(share(imports, exports), 'EXTERNAL_SERVICE', object('rates', { public: 'yes' }), 'c1'), expected);
    check({}, {}, true);
    check({ kind: 'EXTERNAL_SERVICE' }, { kind: 'ALL' }, true);
    check({ kind: 'ROUTE_TABLE' }, {}, false);
    check({}, { labels: { public: 'yes' } }, true);
    check({}, { labels: { public: 'no' } }, false);
    check({ name: 'rates', namespace: 'bank', cluster: 'c1' }, {}, true);
    check({ namespace: 'shop' }, {}, false);
    check({ cluster: 'c2' }, {}, false);
  });

  it('follow global settings before those of the workspace, field by field', () => {
    const own = { exportTo: [{ workspaces: [{ name: 'a' }] }], options: { trimAllProxyConfig: true } };
    const global = { exportTo: [], options: { serviceIsolation: { trimProxyConfig: true } } };
    assert.deepEqual(mergeSettings(own, global), {
      exportTo: [],
      options: { trimAllProxyConfig: true, serviceIsolation: { trimProxyConfig: true } },
    });
    assert.deepEqual(mergeSettings(undefined, undefined), { options: {} });
  });
});
