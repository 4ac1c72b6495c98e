import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigObject, sourceOf } from '../model/index.ts';
import { copied, madeFrom, took } from './sourced.ts';

interface Spec {
  readonly hosts: readonly string[];
  readonly ports?: readonly { readonly number: number; readonly name?: string }[];
  readonly note?: string;
}

const gloo = (name: string): ConfigObject => ({
  key: { kind: 'ExternalService', namespace: 'shop', name },
  apiVersion: 'networking.gloo.solo.io/v2',
  labels: {},
  annotations: {},
  createdAt: 7,
  spec: {},
  origin: { source: 'files', path: 'a.yaml', line: 3, column: 1 },
});

describe('an object made from Gloo objects', () => {
  const parent = gloo('parent');
  const policy = gloo('policy');
  const made = madeFrom<Spec>(parent, {
    kind: 'ServiceEntry',
    name: took(parent, ['metadata', 'name'], 'parent'),
    namespace: 'shop',
    spec: {
      hosts: copied(parent, ['spec', 'hosts'], ['a.example', 'b.example']),
      ports: took<Spec['ports']>(
        parent,
        ['spec', 'ports'],
        [{ number: took(policy, ['spec', 'config', 'port'], 80), name: 'http' }],
      ),
      note: copied(parent, ['spec', 'note'], undefined),
    },
  });

  it('has plain values, without what is undefined, and is as old as its parent and written where it is', () => {
    assert.deepEqual(made.object.spec, { hosts: ['a.example', 'b.example'], ports: [{ number: 80, name: 'http' }] });
    assert.deepEqual([made.object.createdAt, made.object.origin, made.object.translatedFrom], [7, parent.origin, parent.key]);
  });

  const source = (...field: (string | number)[]) => {
    const { object, field: from } = sourceOf(made, field);
    return [object.name, ...from];
  };

  it('points with each part to where it came from: the most exact source counts, copies point part by part', () => {
    assert.deepEqual(source('spec', 'hosts', 1), ['parent', 'spec', 'hosts', 1]);
    assert.deepEqual(source('spec', 'ports', 0, 'number'), ['policy', 'spec', 'config', 'port']);
    assert.deepEqual(source('spec', 'ports', 0, 'name'), ['parent', 'spec', 'ports']);
    assert.deepEqual(source('metadata', 'name'), ['parent', 'metadata', 'name']);
  });

  it('points to the whole parent where nothing is known, and for a field made of several to the first of them', () => {
    assert.deepEqual(source('metadata', 'namespace'), ['parent']);
    assert.deepEqual(source('spec'), ['parent', 'spec', 'hosts']);
  });
});
