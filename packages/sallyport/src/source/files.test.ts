import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConfigStore } from '../config/index.ts';
import { entry } from '../config/testing/files.ts';
import { type Reader, reading } from './battery.ts';
import { createFileSource, type FileSourceOptions } from './files.ts';
import { load } from './load.ts';

/** A directory with these files for the time of a test. */
async function folder(files: Readonly<Record<string, string | Uint8Array>>, use: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'sallyport-files-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), text);
    }
    await use(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function watching(paths: readonly string[], use: (reader: Reader) => Promise<void>, options?: FileSourceOptions): Promise<void> {
  return reading({ source: createFileSource(paths, options) }, async (reader) => {
    await reader.until(() => reader.events.length > 0);
    await use(reader);
  });
}

describe('what the arguments stand for', () => {
  const files = {
    'a.yaml': 'kind: A',
    'sub/b.yml': 'kind: B',
    'sub/deep/c.json': '{"kind":"C"}',
    '.hidden.yaml': 'kind: Hidden',
    '.git/config.yaml': 'kind: Git',
    'a.yaml~': 'kind: Backup',
    '#a.yaml#': 'kind: Autosave',
    '.a.yaml.swp': 'swap',
    'README.md': '# no',
  };
  const found = async (root: string, paths: readonly string[]): Promise<readonly string[]> =>
    (await load(paths.map((path) => join(root, path)))).put.map((file) => `${file.rank} ${relative(root, file.path)}`);

  test('a directory is everything below it, by path, without hidden files and editors’ copies', async () => {
    await folder(files, async (root) =>
      assert.deepEqual(await found(root, ['.']), ['0 a.yaml', '0 sub/b.yml', '0 sub/deep/c.json']),
    );
  });

  test('arguments keep their order, a file named twice counts once, and a named file may have any name', async () => {
    await folder(files, async (root) =>
      assert.deepEqual(await found(root, ['sub', 'README.md', '.']), [
        '0 sub/b.yml',
        '0 sub/deep/c.json',
        '1 README.md',
        '2 a.yaml',
      ]),
    );
  });

  test('a glob is what it matches', async () => {
    await folder(files, async (root) =>
      assert.deepEqual(await found(root, ['**/*.y*ml', '*.none']), ['0 a.yaml', '0 sub/b.yml']),
    );
  });

  test('links are followed, also in a circle and to nowhere', async () => {
    await folder(files, async (root) => {
      await symlink(root, join(root, 'sub/up'));
      await symlink('nowhere.yaml', join(root, 'dead.yaml'));
      await symlink('sub', join(root, 'twin'));
      assert.deepEqual(await found(root, ['.']), ['0 a.yaml', '0 sub/b.yml', '0 sub/deep/c.json']);
    });
  });

  test('what does not exist is said, and the rest is read', async () => {
    await folder(files, async (root) => {
      const event = await load([join(root, 'nothing'), join(root, 'a.yaml')]);
      assert.deepEqual(
        event.issues.map(({ code, message }) => [code, message.replace(root, '')]),
        [['SOURCE_GONE', '/nothing does not exist']],
      );
      assert.equal(event.put.length, 1);
    });
  });
});

describe('what is in force survives what happens to files', () => {
  test('a directory that disappears keeps everything, says so, and is taken up again when it returns', async () => {
    await folder({ 'conf/a.yaml': 'kind: A' }, async (root) => {
      await watching(
        [join(root, 'conf')],
        async (reader) => {
          await rename(join(root, 'conf'), join(root, 'away'));
          await reader.until(() => reader.issues.includes('SOURCE_GONE'));
          assert.deepEqual([...reader.files.values()], ['kind: A']);
          assert.match(reader.events.at(-1)!.issues[0]!.message, /is gone; what was last read of it stays in force/);
          await mkdir(join(root, 'conf'));
          await writeFile(join(root, 'conf/b.yaml'), 'kind: B');
          await reader.until(() => reader.files.has('b.yaml') && !reader.files.has('a.yaml'));
          assert.deepEqual(reader.issues, []);
          await writeFile(join(root, 'conf/b.yaml'), 'kind: B2');
          await reader.until(() => reader.files.get('b.yaml') === 'kind: B2');
        },
        { poll: 50 },
      );
    });
  });

  test('a named file that disappears keeps what it said', async () => {
    await folder({ 'a.yaml': 'kind: A' }, async (root) => {
      await watching([join(root, 'a.yaml')], async (reader) => {
        await rm(join(root, 'a.yaml'));
        await reader.until(() => reader.issues.includes('SOURCE_GONE'));
        assert.equal(reader.files.get('a.yaml'), 'kind: A');
      });
    });
  });

  test('a folder inside that is removed takes its files with it', async () => {
    await folder({ 'a.yaml': 'kind: A', 'sub/b.yaml': 'kind: B' }, async (root) => {
      await watching([root], async (reader) => {
        await rm(join(root, 'sub'), { recursive: true });
        await reader.until(() => !reader.files.has('b.yaml'));
        assert.deepEqual(reader.issues, []);
      });
    });
  });

  test('a file of 50 MB is refused unread, and what it said before stays', async () => {
    await folder({ 'a.yaml': 'kind: A', 'b.yaml': 'kind: B' }, async (root) => {
      await watching([root], async (reader) => {
        await truncate(join(root, 'a.yaml'), 50 * 1024 * 1024);
        await reader.until(() => reader.issues.includes('FILE_TOO_LARGE'));
        assert.equal(reader.files.get('a.yaml'), 'kind: A');
        const [issue] = reader.events.at(-1)!.issues;
        assert.match(issue!.message, /a\.yaml has 50 MiB, more than the 16 MiB that are read/);
        assert.deepEqual([issue!.origin!.line, issue!.origin!.column], [1, 1]);
        await writeFile(join(root, 'a.yaml'), 'kind: A2');
        await reader.until(() => reader.files.get('a.yaml') === 'kind: A2');
        assert.deepEqual(reader.issues, []);
      });
    });
  });

  test('a binary file is refused with the place of the first byte that is no text', async () => {
    await folder({ 'a.yaml': Uint8Array.from([0x61, 0x0a, 0x62, 0xff, 0xfe]), 'b.yaml': 'kind: B' }, async (root) => {
      const event = await load([root]);
      assert.deepEqual(
        event.put.map((file) => relative(root, file.path)),
        ['b.yaml'],
      );
      const [issue] = event.issues;
      assert.deepEqual([issue!.code, issue!.origin!.line, issue!.origin!.column], ['FILE_BINARY', 2, 2]);
    });
  });

  test('a file that can no longer be read is said and kept', async () => {
    await folder({ 'a.yaml': 'kind: A' }, async (root) => {
      await watching([root], async (reader) => {
        // A link that leads to itself is unreadable for root too, whom no missing right keeps out.
        await symlink('a.yaml', join(root, 'loop.yaml'));
        await rename(join(root, 'loop.yaml'), join(root, 'a.yaml'));
        await reader.until(() => reader.issues.includes('SOURCE_UNREADABLE'));
        assert.equal(reader.files.get('a.yaml'), 'kind: A');
      });
    });
  });

  test('a store that follows the source keeps the last good object through an editor’s half-written file', async () => {
    await folder({ 'a.yaml': entry('a') }, async (root) => {
      const store = createConfigStore();
      await watching([root], async (reader) => {
        store.apply(reader.events[0]!);
        await writeFile(join(root, 'a.yaml'), entry('a').slice(0, 60));
        await reader.until(() => reader.events.length > 1);
        for (const event of reader.events.slice(1)) store.apply(event);
        assert.deepEqual([...store.objects.keys()], ['ServiceEntry/default/a']);
        assert.ok(store.issues().length > 0);
      });
    });
  });
});

describe('timing', () => {
  test('a burst of writes is one event', async () => {
    await folder({}, async (root) => {
      await watching(
        [root],
        async (reader) => {
          await sleep(60);
          const before = reader.events.length;
          await Promise.all(Array.from({ length: 200 }, (_, i) => writeFile(join(root, `f${i}.yaml`), `kind: K${i}`)));
          await reader.until(() => reader.files.size === 200);
          assert.ok(reader.events.length - before <= 4, `${reader.events.length - before} events`);
        },
        { quiet: 50, maxWait: 400 },
      );
    });
  });

  test('writes that never stop do not hold changes back for ever', async () => {
    await folder({}, async (root) => {
      await watching(
        [root],
        async (reader) => {
          let n = 0;
          const busy = setInterval(() => void writeFile(join(root, 'busy.yaml'), `kind: K${n++}`), 5);
          try {
            await reader.until(() => reader.files.has('busy.yaml'), 1500);
          } finally {
            clearInterval(busy);
            await sleep(20);
          }
        },
        { quiet: 50, maxWait: 100 },
      );
    });
  });

  test('an emptied and refilled file is never seen empty, one that stays empty is', async () => {
    await folder({ 'a.yaml': 'kind: A' }, async (root) => {
      await watching([root], async (reader) => {
        await truncate(join(root, 'a.yaml'), 0);
        await sleep(80);
        await writeFile(join(root, 'a.yaml'), 'kind: B');
        await reader.until(() => reader.files.get('a.yaml') === 'kind: B');
        assert.deepEqual(
          reader.events.flatMap(({ put }) => put.map(({ text }) => text)),
          ['kind: A', 'kind: B'],
        );
        await truncate(join(root, 'a.yaml'), 0);
        await reader.until(() => reader.files.get('a.yaml') === '');
      });
    });
  });
});
