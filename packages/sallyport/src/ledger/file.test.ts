import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { nodeDisk } from './disk.ts';
import { LedgerFile } from './file.ts';
import { lookAtLedger, type OpenLedger, openLedger } from './index.ts';
import type { Holding } from './ledger.ts';

const root = mkdtempSync(join(tmpdir(), 'ledger-'));
after(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
function newFolder(): string {
  count += 1;
  return join(root, String(count), 'addresses');
}

const holding = (i: number): Holding => ({
  host: `h${i}.example`,
  addresses: [`243.0.${i >> 8}.${i & 255}`],
  since: i,
  from: 'ledger',
});

async function withLedger<T>(folder: string, work: (ledger: OpenLedger) => T | Promise<T>): Promise<T> {
  const opened = await openLedger(folder);
  try {
    return await work(opened);
  } finally {
    opened.close();
  }
}

describe('a ledger file', () => {
  test('holds after reopening what was written, open to its owner alone', async () => {
    const folder = newFolder();
    await withLedger(folder, ({ store }) => {
      store.write([holding(1), holding(2)]);
      store.write([{ ...holding(1), freed: 9 }]);
      store.write([{ host: 'h1.example', forgotten: true }]);
    });
    await withLedger(folder, ({ store }) => {
      assert.deepEqual([...store.ledger.holdings()], [holding(2)]);
      assert.equal(store.torn, 0);
    });
    assert.deepEqual([...lookAtLedger(folder).holdings()], [holding(2)]);
    assert.equal(statSync(join(folder, 'ledger')).mode & 0o777, 0o600);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
  });

  test('does not grow with what has been forgotten', async () => {
    const folder = newFolder();
    await withLedger(folder, ({ store }) => {
      for (let i = 0; i < 700; i += 1) store.write([i % 2 === 0 ? holding(1) : { ...holding(1), freed: i }]);
    });
    assert.ok(readFileSync(join(folder, 'ledger'), 'utf8').split('\n').length < 600);
    assert.equal(lookAtLedger(folder).size, 1);
  });

  test('is one process’s', async () => {
    const folder = newFolder();
    await withLedger(folder, () =>
      assert.rejects(openLedger(folder), { code: 'FILE', message: /in use by another control plane/ }),
    );
    await withLedger(folder, () => {});
  });

  test('says where it is damaged, and is left as it is', async () => {
    const folder = newFolder();
    await withLedger(folder, ({ store }) => {
      for (let i = 1; i < 5; i += 1) store.write([holding(i)]);
    });
    const path = join(folder, 'ledger');
    const good = readFileSync(path, 'utf8');
    const lines = good.split('\n');
    const bad: readonly (readonly [text: string, says: RegExp])[] = [
      [good.replace('243.0.0.2', '243.0.0.9'), /line 3: it has been changed/],
      [lines.toSpliced(2, 1).join('\n'), /line 3: .* or a line before it is missing/],
      [good.replace('243.0.0.4', '243.0.0.9'), /line 5: it has been changed/],
      ['', /line 1: it is empty/],
      ['apiVersion: v1\n', /line 1: it does not begin as a ledger of this version does/],
      ['half a line', /line 1: it does not begin/],
    ];
    for (const [text, says] of bad) {
      writeFileSync(path, text);
      await assert.rejects(openLedger(folder), { code: 'FILE', message: says });
      await assert.rejects(openLedger(folder), { code: 'FILE', message: /put a copy of it back, or move the folder .* away/ });
      assert.equal(readFileSync(path, 'utf8'), text);
    }
    writeFileSync(path, good);
    await withLedger(folder, ({ store }) => assert.equal(store.ledger.size, 4));
  });

  test('drops what a crash left of its last line, says so, and goes on behind what is whole', async () => {
    const folder = newFolder();
    await withLedger(folder, ({ store }) => {
      for (let i = 1; i < 4; i += 1) store.write([holding(i)]);
    });
    const path = join(folder, 'ledger');
    writeFileSync(path, readFileSync(path).subarray(0, -10));
    await withLedger(folder, ({ store }) => {
      assert.ok(store.torn > 0);
      assert.equal(store.ledger.size, 2);
      store.write([holding(9)]);
    });
    await withLedger(folder, ({ store }) => {
      assert.equal(store.torn, 0);
      assert.deepEqual(
        [...store.ledger.holdings()].map(({ host }) => host),
        ['h1.example', 'h2.example', 'h9.example'],
      );
    });
  });

  test('takes nothing that it could not write, and goes on when it can', () => {
    let full = false;
    const disk = {
      ...nodeDisk,
      sync: (path: string) => {
        if (full) throw new Error('no space left');
        nodeDisk.sync(path);
      },
    };
    const place = mkdtempSync(join(root, 'place-'));
    const file = new LedgerFile(place, disk);
    file.write([holding(1)]);
    full = true;
    assert.throws(() => file.write([holding(2)]), /no space left/);
    assert.equal(file.ledger.size, 1);
    full = false;
    file.write([holding(3)]);
    assert.deepEqual(
      [...lookAtLedger(place).holdings()].map(({ host }) => host),
      ['h1.example', 'h3.example'],
    );
  });

  test('that cannot be read is an error that says so', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'ledger'), { recursive: true });
    await assert.rejects(openLedger(folder), { code: 'FILE', message: /ledger cannot be read: EISDIR/ });
  });

  test('is asked for by its folder', () => {
    assert.throws(() => lookAtLedger(newFolder()), { code: 'FILE', message: /holds no ledger of virtual addresses/ });
  });
});
