import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { combine, labelSets, type Trim, type TrimPolicy } from './trimmed-sidecar.ts';

const policy = (name: string, applyToWorkloads?: TrimPolicy['spec']['applyToWorkloads']): TrimPolicy => ({
  key: { kind: 'TrimProxyConfigPolicy', namespace: 'shop', name },
  apiVersion: 'resilience.policy.gloo.solo.io/v2',
  labels: {},
  annotations: {},
  createdAt: 0,
  origin: { source: 'test', path: '-', line: 1, column: 1 },
  spec: { ...(applyToWorkloads !== undefined && { applyToWorkloads }) },
});
const trim = (name: string): Trim => ({ policy: policy(name), hosts: [`${name}.example.com`] });
const text = (combined: ReturnType<typeof combine>): Record<string, string> =>
  Object.fromEntries(
    (combined ?? []).map(({ labels, trims }) => [
      Object.entries(labels)
        .sort()
        .map((pair) => pair.join('='))
        .join(','),
      trims.map(({ policy: { key } }) => key.name).join(' '),
    ]),
  );

describe('Sidecars of workloads that policies trim', () => {
  it('are one for each set of labels, and one for each combination that a workload may have', () => {
    assert.deepEqual(
      text(
        combine([
          { trim: trim('all'), sets: [{}] },
          { trim: trim('front'), sets: [{ app: 'front' }] },
          { trim: trim('back'), sets: [{ app: 'back' }] },
          { trim: trim('canary'), sets: [{ version: 'canary' }] },
        ]),
      ),
      {
        '': 'all',
        'app=front': 'all front',
        'app=back': 'all back',
        'version=canary': 'all canary',
        'app=front,version=canary': 'all front canary',
        'app=back,version=canary': 'all back canary',
      },
    );
  });

  it('give up where policies cross in too many ways', () => {
    const sets = Array.from({ length: 8 }, (_, i) => ({ trim: trim(`p${i}`), sets: [{ [`label${i}`]: 'x' }] }));
    assert.equal(combine(sets.slice(0, 6))?.length, 63);
    assert.equal(combine(sets), undefined);
  });

  it('are for the namespaces, cluster and workspace that the selector names, and never for workloads by name', () => {
    const where = { namespace: 'shop', cluster: 'c1', workspace: 'web' };
    const sets = (...selectors: NonNullable<TrimPolicy['spec']['applyToWorkloads']>) => labelSets(policy('p', selectors), where);
    assert.deepEqual(labelSets(policy('p'), where), [{}]);
    assert.deepEqual(sets({ selector: { labels: { a: 'b' }, namespace: 'shop', cluster: 'c1', workspace: 'web' } }), [
      { a: 'b' },
    ]);
    assert.deepEqual(
      sets({ selector: { namespace: 'bank' } }, { selector: { cluster: 'c2' } }, { selector: { workspace: 'x' } }),
      [],
    );
    assert.deepEqual(sets({ selector: { name: 'web' } }, { kind: 'VM', selector: {} }), []);
  });
});
