import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { identityFault, parseSpiffeId, spiffeId } from './spiffe.ts';

const segment = fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/).filter((text) => text !== '.' && text !== '..');
const identity = fc.record(
  { trustDomain: fc.stringMatching(/^[a-z0-9._-]{1,40}$/), namespace: segment, serviceAccount: segment },
  { noNullPrototype: true },
);

test('an ID that was printed is read back as the same identity', () => {
  fc.assert(fc.property(identity, (one) => assert.deepEqual(parseSpiffeId(spiffeId(one)), one)));
});

test('whatever is read is printed as it was', () => {
  const loose = fc.oneof(
    identity.map(spiffeId),
    fc.string(),
    fc.tuple(fc.string(), fc.string(), fc.string()).map(([a, b, c]) => `spiffe://${a}/ns/${b}/sa/${c}`),
  );
  fc.assert(
    fc.property(loose, (text) => {
      const read = parseSpiffeId(text);
      if (read !== undefined) assert.equal(spiffeId(read), text);
    }),
  );
});

test('a letter or a step that could make one identity look like another is refused', () => {
  const good = { trustDomain: 'cluster.local', namespace: 'shop', serviceAccount: 'web' };
  assert.equal(identityFault(good), undefined);
  for (const bad of ['', '.', '..', 'a/sa/b', 'a b', 'a%2fb', 'a\n', 'ä', '*', 'a'.repeat(254)]) {
    assert.match(identityFault({ ...good, namespace: bad }) ?? '', /no namespace/, bad);
    assert.match(identityFault({ ...good, serviceAccount: bad }) ?? '', /no service account/, bad);
  }
  for (const bad of ['', 'Cluster.Local', 'a/b', 'a:80', 'u@a']) {
    assert.match(identityFault({ ...good, trustDomain: bad }) ?? '', /no trust domain/, bad);
  }
});

test('IDs of another form name nobody', () => {
  for (const id of [
    'spiffe://td',
    'spiffe://td/ns/a',
    'spiffe://td/ns/a/sa/b/c',
    'SPIFFE://td/ns/a/sa/b',
    'https://td/ns/a/sa/b',
    'spiffe://td/sa/b/ns/a',
  ])
    assert.equal(parseSpiffeId(id), undefined, id);
});
