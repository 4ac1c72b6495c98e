import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { createConfigStore, parseYamlValue, printDocument, withNamespace } from '../config/index.ts';
import { entry } from '../config/testing/files.ts';
import { load } from './load.ts';
import { applyText, deleteObjects } from './write.ts';

const SERVICE_ENTRY = (name: string, namespace = 'default') => ({
  group: 'networking.istio.io',
  key: { kind: 'ServiceEntry', namespace, name },
});

async function inFolder(files: Readonly<Record<string, string>>, use: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'sallyport-write-'));
  try {
    for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text);
    await use(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function texts(root: string): Promise<Record<string, string>> {
  return Object.fromEntries((await load([root])).put.map((file) => [relative(root, file.path), file.text]));
}

const withDefault = (text: string): string => text.replace('  name:', '  namespace: default\n  name:');

describe('apply', () => {
  test('a new object gets a file of its own, as written, with its namespace', async () => {
    await inFolder({}, async (root) => {
      const { value, issues } = await applyText(root, `# why\n${entry('a')}# end\n`);
      assert.deepEqual(issues, []);
      assert.deepEqual(value, [
        { key: SERVICE_ENTRY('a').key, path: join(root, 'default/serviceentry-a.yaml'), change: 'created' },
      ]);
      assert.deepEqual(await texts(root), { 'default/serviceentry-a.yaml': `# why\n${withDefault(entry('a'))}# end\n` });
    });
  });

  test('an object that stands in another file is replaced there, and its neighbours keep every letter', async () => {
    const neighbours = `# first\n${entry('x')}--- # middle\n${entry('a')}# after\n---\n${entry('y')}`;
    await inFolder({ 'all.yaml': neighbours }, async (root) => {
      const changed = entry('a', '  location: MESH_INTERNAL');
      const { value } = await applyText(root, changed);
      assert.deepEqual(
        value!.map((one) => one.change),
        ['changed'],
      );
      assert.deepEqual(await texts(root), {
        'all.yaml': `# first\n${entry('x')}--- # middle\n${withDefault(changed)}---\n${entry('y')}`,
      });
      assert.deepEqual(
        (await applyText(root, changed)).value!.map((one) => one.change),
        ['unchanged'],
      );
    });
  });

  test('a broken document is replaced by the object that it was meant to be', async () => {
    await inFolder({ 'a.yaml': entry('a', ' x: [') }, async (root) => {
      await applyText(root, entry('a'));
      assert.deepEqual(await texts(root), { 'a.yaml': withDefault(entry('a')) });
    });
  });

  test('a document with an error is not written, and the others are', async () => {
    await inFolder({}, async (root) => {
      const { value, issues } = await applyText(
        root,
        `${entry('a')}---\n${entry('b').replace('80', '0')}---\n- x\n---\nkind: [\n`,
      );
      assert.deepEqual(
        value!.map((one) => one.key.name),
        ['a'],
      );
      assert.deepEqual(issues.map((issue) => issue.code).sort(), ['DOCUMENT_NOT_OBJECT', 'INVALID_VALUE', 'YAML_SYNTAX']);
    });
  });

  test('items of a list are written one by one, and replaced inside the list they stand in', async () => {
    const list =
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: one}}\n- {apiVersion: v1, kind: Namespace, metadata: {name: two}}\n';
    await inFolder({}, async (root) => {
      await applyText(root, list);
      assert.deepEqual(Object.keys(await texts(root)), ['namespace-one.yaml', 'namespace-two.yaml']);
    });
    await inFolder({ 'list.yaml': list }, async (root) => {
      await applyText(root, 'apiVersion: v1\nkind: Namespace\nmetadata: {name: two, labels: {a: b}}\n');
      const store = createConfigStore();
      store.apply(await load([root]));
      assert.deepEqual(store.objects.get('Namespace//two')!.labels, { a: 'b' });
      assert.ok(store.objects.has('Namespace//one'));
      assert.deepEqual(store.issues(), []);
    });
  });

  test('whoever applies at the same time loses nothing of the others', async () => {
    await inFolder({}, async (root) => {
      const names = Array.from({ length: 9 }, (_, i) => `n${i}`);
      await writeFile(join(root, 'all.yaml'), names.map((name) => entry(name)).join('---\n'));
      const changed = (name: string): string => entry(name, '  location: MESH_INTERNAL');
      await Promise.all([
        ...names.slice(0, 5).map((name) => applyText(root, changed(name))),
        ...names.slice(5).map((name) => applyElsewhere(root, changed(name))),
      ]);
      const store = createConfigStore();
      store.apply(await load([root]));
      assert.equal(store.objects.size, names.length);
      assert.ok(
        [...store.objects.values()].every((object) => (object.spec as { location?: string }).location === 'MESH_INTERNAL'),
      );
      assert.deepEqual((await readdir(root)).sort(), ['.sallyport.lock', 'all.yaml'], 'no temporary file is left');
    });
  });
});

/** Applies a text in a process of its own. */
async function applyElsewhere(root: string, text: string): Promise<void> {
  const module = new URL('./index.ts', import.meta.url).href;
  const program = `const { applyText } = await import(${JSON.stringify(module)}); await applyText(${JSON.stringify(root)}, ${JSON.stringify(text)});`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
}

describe('delete', () => {
  test('one document of several goes, the last takes the file with it', async () => {
    await inFolder({ 'all.yaml': `${entry('a')}---\n${entry('b')}` }, async (root) => {
      await deleteObjects(root, [SERVICE_ENTRY('a')]);
      assert.deepEqual(await texts(root), { 'all.yaml': entry('b') });
      const { value } = await deleteObjects(root, [SERVICE_ENTRY('b')]);
      assert.deepEqual(
        value!.map((one) => one.change),
        ['deleted'],
      );
      assert.deepEqual(await readdir(root), ['.sallyport.lock']);
    });
  });

  test('what is not there is said', async () => {
    await inFolder({}, async (root) => {
      const { value, issues } = await deleteObjects(root, [SERVICE_ENTRY('a')]);
      assert.deepEqual(value, []);
      assert.match(issues[0]!.message, /has no networking\.istio\.io\/ServiceEntry\/default\/a/);
    });
  });
});

describe('text', () => {
  test('the namespace is written in the style of the document, and nothing else changes', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['metadata: {name: a}\n', 'metadata: {"namespace": "shop", name: a}\n'],
      ['{"metadata": {"name": "a"}}', '{"metadata": {"namespace": "shop", "name": "a"}}'],
      ['metadata: # c\n    # d\n    name: a\n', 'metadata: # c\n    # d\n    namespace: shop\n    name: a\n'],
      ['metadata:\r\n  "name": a\r\n', 'metadata:\r\n  namespace: shop\r\n  "name": a\r\n'],
      ['metadata: {namespace: other, name: a}\n', 'metadata: {namespace: other, name: a}\n'],
      ['spec: {metadata: {name: a}}\n', 'spec: {metadata: {name: a}}\n'],
    ];
    for (const [before, after] of cases) assert.equal(withNamespace(before, 'shop'), after);
    assert.equal(withNamespace('metadata:\n  name: a\n', 'on'), 'metadata:\n  namespace: "on"\n  name: a\n');
  });

  test('what is printed is read again as it was', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('on', 'y', '012', '1e3', '0x1', '1_0', '~', '2024-01-01', '<<', '.5', '1:20', '---', 'a: b'),
    );
    assert.match(printDocument({ a: ['-_0'] }), /'-_0'/);
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('node')),
        fc.dictionary(text, tie('node')),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(text, value, { minKeys: 1 }), (object) => {
        const plain: unknown = JSON.parse(JSON.stringify(object));
        assert.deepEqual(parseYamlValue(printDocument(plain)), { value: plain, issues: [] });
      }),
      { numRuns: 500, examples: [[{ '-_0': '' }], [{ key: '-_0' }]] },
    );
  });
});

test('a link to the file stays a link, and the file keeps its mode', async () => {
  await inFolder({}, async (root) => {
    await mkdir(join(root, '.store'));
    await writeFile(join(root, '.store/real.yaml'), entry('a'), { mode: 0o600 });
    await symlink('.store/real.yaml', join(root, 'a.yaml'));
    await applyText(root, entry('a', '  location: MESH_INTERNAL'));
    assert.match(await readFile(join(root, '.store/real.yaml'), 'utf8'), /MESH_INTERNAL/);
    assert.ok((await lstat(join(root, 'a.yaml'))).isSymbolicLink());
    assert.equal((await lstat(join(root, '.store/real.yaml'))).mode & 0o777, 0o600);
  });
});

test('a Secret gets a file that only its owner reads, and keeps it so', async () => {
  const secret = (data: string) =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: edge}\nstringData: {cacert: ${data}}\n`;
  await inFolder({}, async (root) => {
    const mode = async (path: string) => (await lstat(join(root, path))).mode & 0o777;
    await applyText(root, `${secret('a')}---\n${entry('a')}`);
    assert.equal(await mode('edge/secret-c.yaml'), 0o600);
    assert.notEqual(await mode('default/serviceentry-a.yaml'), 0o600);
    await applyText(root, secret('b'));
    assert.equal(await mode('edge/secret-c.yaml'), 0o600);
  });
});
