import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseName, printName, type Wanted } from './names.ts';

const path = fc.stringMatching(/^\/[^~\0]{1,30}$/);
const wanted: fc.Arbitrary<Wanted> = fc.oneof(
  fc.constantFrom<Wanted>({ kind: 'workload' }, { kind: 'mesh-roots' }, { kind: 'system-roots' }),
  path.map((one) => ({ kind: 'root-file' as const, path: one })),
  fc.tuple(path, path).map(([certificate, key]) => ({ kind: 'certificate-files' as const, certificate, key })),
);

test('a name that was printed is read back as what was wanted', () => {
  fc.assert(fc.property(wanted, (one) => assert.deepEqual(parseName(printName(one)), one)));
});

test('whatever is read is printed as it was', () => {
  const loose = fc.oneof(
    wanted.map(printName),
    fc.string(),
    fc.string().map((text) => `file-root:${text}`),
    fc.string().map((text) => `file-cert:/${text}`),
  );
  fc.assert(
    fc.property(loose, (text) => {
      const read = parseName(text);
      if (read !== undefined) assert.equal(printName(read), text);
    }),
  );
});

test('the names that the control plane gives are known, and no others', () => {
  assert.deepEqual(parseName('default'), { kind: 'workload' });
  assert.deepEqual(parseName('ROOTCA'), { kind: 'mesh-roots' });
  assert.deepEqual(parseName('file-root:system'), { kind: 'system-roots' });
  assert.deepEqual(parseName('file-root:/etc/ca.pem'), { kind: 'root-file', path: '/etc/ca.pem' });
  assert.deepEqual(parseName('file-cert:/a/cert.pem~/a/key.pem'), {
    kind: 'certificate-files',
    certificate: '/a/cert.pem',
    key: '/a/key.pem',
  });
  for (const name of [
    '',
    'Default',
    'kubernetes://web',
    'file-root:',
    'file-root:ca.pem',
    'file-root:../ca.pem',
    'file-root:/a\0b',
  ])
    assert.equal(parseName(name), undefined, name);
  for (const name of ['file-cert:/a', 'file-cert:/a~', 'file-cert:~/b', 'file-cert:/a~/b~/c', 'file-cert:a~/b'])
    assert.equal(parseName(name), undefined, name);
});
