import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entriesFor, matchesName, membershipOf, namedNamespaces } from './membership.ts';

describe('membership of namespaces in a workspace', () => {
  it('lets * stand for any text, anywhere, and nothing else be special', () => {
    const check = (pattern: string | undefined, name: string, expected: boolean): void =>
      assert.equal(matchesName(pattern, name), expected, `${pattern} ${name}`);
    check(undefined, 'a', true);
    check('*', 'a', true);
    check('web', 'web', true);
    check('web', 'web1', false);
    check('web*', 'web1', true);
    check('*-api', 'bank-api', true);
    check('a*b*c', 'a1b2c', true);
    check('a*b*c', 'a1c2b', false);
    check('a.c', 'abc', false);
    check('a.*', 'a.c', true);
  });

  it('takes the entries for this cluster, by name and by the labels of its KubernetesCluster', () => {
    const cluster = { name: 'cluster1', labels: { region: 'eu' } };
    const names = (workloadClusters: Parameters<typeof entriesFor>[0]['workloadClusters']) =>
      entriesFor({ ...(workloadClusters !== undefined && { workloadClusters }) }, cluster).map(({ name }) => name);
    assert.deepEqual(names([{ name: 'cluster1' }, { name: 'cluster2' }, { name: 'cluster*' }]), ['cluster1', 'cluster*']);
    assert.equal(names([{ selector: { region: 'eu' } }]).length, 1);
    assert.equal(names([{ selector: { region: 'us' } }]).length, 0);
    assert.equal(names([{ name: 'cluster1', selector: { region: 'us' } }]).length, 0);
    assert.equal(names(undefined).length, 0);
  });

  it('wants name and labels of one item both, and reads configuration unless told not to', () => {
    const check = (
      namespaces: object[],
      labels: Record<string, string>,
      expected: boolean | undefined,
      configEnabled?: boolean,
    ) =>
      assert.equal(
        membershipOf([{ namespaces, ...(configEnabled !== undefined && { configEnabled }) }], 'web-1', labels)?.configured,
        expected,
      );
    check([{ name: 'web*' }], {}, true);
    check([{ name: 'shop' }], {}, undefined);
    check([{ labels: { team: 'a' } }], { team: 'a' }, true);
    check([{ name: 'web*', labels: { team: 'a' } }], {}, undefined);
    check([{ name: 'web*', configEnabled: false }], {}, false);
    check([{ name: 'web*' }], {}, false, false);
    // An item that says nothing selects nothing.
    check([{ labels: {} }], {}, undefined);
    // Of two items that fit, one that reads is enough.
    check(
      [
        { name: 'web*', configEnabled: false },
        { name: 'web-1', configEnabled: true },
      ],
      {},
      true,
    );
  });

  it('counts namespaces as existing that are named without a wildcard', () => {
    assert.deepEqual(namedNamespaces([{ namespaces: [{ name: 'a' }, { name: 'b*' }, { name: 'c', labels: { x: 'y' } }] }]), [
      'a',
    ]);
  });
});
