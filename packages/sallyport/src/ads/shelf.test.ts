import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Resource } from '../model/index.ts';
import { Shelf } from './shelf.ts';
import { WITHHELD } from './types.ts';

const version = (v: string): Resource => ({ type: 'cluster', name: 'x', version: v, bytes: new Uint8Array() });

function shelf(...versions: string[]): Shelf {
  const made = new Shelf();
  for (const v of versions) made.put('x', version(v));
  return made;
}

const inForce = (s: Shelf): string | undefined => {
  const found = s.lookup('x');
  return typeof found === 'object' ? found.version : found;
};

describe('a shelf', () => {
  it('puts the version before in the place of a refused one', () => {
    const s = shelf('1', '2');
    assert.equal(s.refuse('x', '2'), true);
    assert.equal(inForce(s), '1');
  });

  it('withholds a refused version when there was none before, or it has been let go', () => {
    const first = shelf('1');
    first.refuse('x', '1');
    assert.equal(inForce(first), WITHHELD);
    const aged = shelf('1', '2');
    aged.age();
    aged.age();
    aged.refuse('x', '2');
    assert.equal(inForce(aged), WITHHELD);
  });

  it('keeps the version before for one generation', () => {
    const s = shelf('1', '2');
    s.age();
    s.refuse('x', '2');
    assert.equal(inForce(s), '1');
  });

  it('withholds when the version before is refused as well', () => {
    const s = shelf('1', '2');
    s.refuse('x', '2');
    assert.equal(s.refuse('x', '1'), true);
    assert.equal(inForce(s), WITHHELD);
  });

  it('does not take a refused version for a good one when the next is refused too', () => {
    const s = shelf('1', '2');
    s.refuse('x', '2');
    s.put('x', version('3'));
    assert.equal(inForce(s), '3');
    s.refuse('x', '3');
    assert.equal(inForce(s), '1');
  });

  it('ends a refusal with the next version, also when it goes back', () => {
    const s = shelf('1', '2');
    s.refuse('x', '2');
    s.put('x', version('2'));
    assert.equal(inForce(s), '1');
    s.put('x', version('1'));
    assert.equal(inForce(s), '1');
    assert.equal(s.refused().size, 0);
    s.put('x', undefined);
    assert.equal(inForce(s), undefined);
    assert.deepEqual(s.names(), []);
  });

  it('does not refuse what is not in force', () => {
    const s = shelf('1', '2');
    assert.equal(s.refuse('x', '1'), false);
    assert.equal(s.refuse('y', '1'), false);
    assert.equal(inForce(s), '2');
  });
});
