import assert from 'node:assert/strict';
import { it } from 'node:test';
import { keyKind } from './row.ts';
import { findKind, kinds, namesakes } from './table.ts';

it('no two kinds whose objects are acted on are spelled the same in keys of objects', () => {
  const spelled = kinds.filter(({ use }) => use.acted).map(keyKind);
  assert.deepEqual(
    spelled.filter((kind, i) => spelled.indexOf(kind) !== i),
    [],
  );
});

it('of Gloo kinds that two generations have, the older is spelled with its group', () => {
  for (const kind of ['AccessPolicy', 'VirtualDestination', 'VirtualGateway', 'RouteTable']) {
    const spelled = namesakes(kind).map((row) => [row.group.includes('.mesh.gloo.'), keyKind(row)]);
    assert.deepEqual(
      spelled.map(([isOld, text]) => [isOld, String(text).includes('.')]).sort(),
      [
        [false, false],
        [true, true],
      ],
      kind,
    );
  }
});

it('every Gloo kind that is not translated says why', () => {
  for (const { group, kind, use } of kinds) {
    if (!group.endsWith('gloo.solo.io') || use.acted) continue;
    assert.notEqual(use.because, '', kind);
    assert.doesNotMatch(use.because, /^it is not translated/, `${group}/${kind}`);
  }
  assert.ok(findKind('security.policy.gloo.solo.io', 'WAFPolicy'));
});
