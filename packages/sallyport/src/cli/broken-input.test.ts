import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { adminClient } from '../admin/client.ts';
import type { Issue, IssueCode } from '../model/index.ts';
import { running, sallyport } from './testing/sallyport.ts';

const entry = (name: string, more = '') => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ${name}
spec:
  hosts: [${name}.example.com]
  resolution: DNS
  ports:
  - {number: 80, name: http, protocol: HTTP}
${more}`;

interface Broken {
  readonly what: string;
  readonly content: string | Uint8Array;
  readonly code: IssueCode;
  readonly line: number;
}

const bomb = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
const BROKEN: readonly Broken[] = [
  { what: 'bad YAML', content: 'kind: ServiceEntry\nspec: {hosts: [a', code: 'YAML_SYNTAX', line: 2 },
  { what: 'indentation with a tab', content: 'kind: ServiceEntry\nmetadata:\n\tname: a\n', code: 'YAML_TAB', line: 3 },
  {
    what: 'a key that is there twice',
    content: entry('a', '  location: MESH_EXTERNAL\n  resolution: NONE\n'),
    code: 'YAML_DUPLICATE_KEY',
    line: 11,
  },
  {
    what: 'an unknown kind',
    content: 'apiVersion: networking.istio.io/v1\nkind: ServiceEntree\nmetadata: {name: a}\n',
    code: 'UNKNOWN_KIND',
    line: 2,
  },
  { what: 'an unknown field', content: entry('a', '  resolutoin: NONE\n'), code: 'UNKNOWN_FIELD', line: 10 },
  { what: 'a wrong type', content: entry('a', '  addresses: {a: b}\n'), code: 'INVALID_VALUE', line: 10 },
  { what: 'a file of 50 MB', content: `# ${'x'.repeat(50_000_000)}`, code: 'FILE_TOO_LARGE', line: 1 },
  { what: 'an alias bomb', content: `l0: &l0 [x, x]\n${bomb.join('\n')}\n`, code: 'YAML_ALIASES', line: 1 },
  { what: 'a binary file', content: Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 0xff, 0xfe]), code: 'FILE_BINARY', line: 1 },
];

interface Finding {
  readonly code: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

describe('broken input', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'broken-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const { what, content, code, line } of BROKEN) {
    test(`${what} is a finding with file and line for validate, and what stands beside it is read`, async () => {
      const directory = join(folder, what.replaceAll(' ', '-'));
      await mkdir(directory);
      await writeFile(join(directory, 'broken.yaml'), content);
      await writeFile(join(directory, 'good.yaml'), entry('good', '  location: NOWHERE\n'));
      const { out, err } = await sallyport(['validate', '-f', directory, '-o', 'json']);
      const { findings } = JSON.parse(out) as { findings: Finding[] };
      const found = findings.find((finding) => finding.code === code && finding.file === join(directory, 'broken.yaml'));
      assert.ok(found, `no ${code} among ${JSON.stringify(findings.map((f) => [f.code, f.line, f.message]))}`);
      if (what !== 'an alias bomb') assert.equal(found.line, line);
      assert.ok((found.line ?? 0) >= 1 && (found.column ?? 0) >= 1);
      assert.ok(
        findings.some(({ file }) => file === join(directory, 'good.yaml')),
        'the mistake in the other file is found too',
      );
      assert.doesNotMatch(out + err, /^\s+at /m, 'a stack');
    });
  }

  test('a directory that does not exist is a finding for validate', async () => {
    const path = join(folder, 'nowhere');
    const { code, out } = await sallyport(['validate', '-f', path, '-o', 'json']);
    assert.equal(code, 1);
    const { findings } = JSON.parse(out) as { findings: Finding[] };
    assert.deepEqual(
      findings.map(({ code, file, line, column }) => [code, file, line, column]),
      [['SOURCE_GONE', path, 1, 1]],
    );
  });

  test('a running control plane says each, keeps the rest in force, and takes back what it said once it is mended', async () => {
    const [directory, runtime] = [join(folder, 'mesh'), join(folder, 'run')];
    await mkdir(directory);
    await writeFile(join(directory, 'good.yaml'), entry('good'));
    await writeFile(join(directory, 'a.yaml'), entry('a'));
    const control = await running(directory, runtime);
    try {
      const admin = adminClient(join(runtime, 'admin', 'admin.sock'));
      const until = async (fits: (issues: readonly Issue[]) => boolean): Promise<readonly Issue[]> => {
        for (let i = 0; i < 500; i += 1) {
          const { issues } = await admin.issues();
          if (fits(issues)) return issues;
          await sleep(20);
        }
        assert.fail(`never so: ${JSON.stringify(await admin.issues())}`);
      };
      for (const { content, code } of BROKEN) {
        await writeFile(join(directory, 'a.yaml'), content);
        const issues = await until((all) => all.some((issue) => issue.code === code));
        assert.ok(issues.find((issue) => issue.code === code)?.origin?.path.endsWith('a.yaml'));
        assert.ok((await admin.status()).objects >= 1);
        // The last good version of an object whose file cannot be read stays; an unknown kind and a bomb are no object any more.
        await writeFile(join(directory, 'a.yaml'), entry('a'));
        await until((all) => all.every((issue) => issue.severity !== 'error'));
        assert.equal((await admin.status()).objects, 2);
      }
      await rename(directory, `${directory}.away`);
      const gone = await until((all) => all.some((issue) => issue.code === 'SOURCE_GONE'));
      assert.equal(gone.find((issue) => issue.code === 'SOURCE_GONE')?.origin?.path, directory);
      assert.equal((await admin.status()).objects, 2);
      await rename(`${directory}.away`, directory);
      await until((all) => all.every((issue) => issue.severity !== 'error'));
      assert.equal(dirname(control.lines.find(({ event }) => event === 'ready')!['from'] as string), folder);
    } finally {
      assert.equal(await control.end(), 0);
    }
  });
});
