import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ControlPlane, startControlPlane } from './testing/control-plane.ts';
import { outboundPolicy, serviceEntry, weights } from './testing/documents.ts';
import { type Stream, startWorkload, type Workload } from './testing/workload.ts';

const EDITS = 5;
/** What a user may count on, and what a busy machine may make of it once. */
const MEDIAN_MS = 1_000;
const LONGEST_MS = 2_000;

describe('a running control plane, when its directory is edited', () => {
  let control: ControlPlane;
  let workload: Workload;
  let streams: Stream[];
  before(async () => {
    control = await startControlPlane({
      'mesh.yaml': outboundPolicy('REGISTRY_ONLY'),
      'steady.yaml': serviceEntry('steady', 'steady.example.com'),
      'steady-tls.yaml': serviceEntry('steady-tls', 'tls.example.com', 443, 'TLS'),
      'old.yaml': serviceEntry('old', 'old.example.com'),
      'new.yaml': serviceEntry('new', 'new.example.com'),
      'split.yaml': weights('old.example.com', { 'old.example.com': 100, 'new.example.com': 0 }),
    });
    workload = await startWorkload(control, {
      names: {
        'steady.example.com': ['198.51.100.1'],
        'tls.example.com': ['198.51.100.2'],
        'old.example.com': ['198.51.100.10'],
        'new.example.com': ['198.51.100.11'],
        'late.example.com': ['198.51.100.12'],
        'unknown.example.com': ['198.51.100.13'],
      },
    });
    streams = [await workload.stream('http://steady.example.com/ticks'), await workload.stream('https://tls.example.com/ticks')];
  });
  after(async () => {
    await workload?.close();
    await control?.close();
  });

  /** Milliseconds from the edit to the first call whose outcome is the new one. */
  async function effective(edit: () => Promise<void>, url: string, outcome: string): Promise<number> {
    // The quiet of a directory that nobody edits.
    await sleep(150);
    assert.notEqual(await workload.answerOf(url), outcome, 'the outcome was there before the edit');
    const edited = performance.now();
    await edit();
    while (performance.now() - edited < 10_000) {
      if ((await workload.answerOf(url)) === outcome) return performance.now() - edited;
      await sleep(5);
    }
    assert.fail(`${url} never gave ${outcome}`);
  }

  function inTime(took: readonly number[], log: (text: string) => void): void {
    const sorted = [...took].sort((a, b) => a - b);
    log(`ms until effective: ${took.map(Math.round).join(', ')}`);
    assert.ok(sorted[Math.floor(sorted.length / 2)]! <= MEDIAN_MS, `took ${took.join(', ')} ms`);
    assert.ok(sorted.at(-1)! <= LONGEST_MS, `took ${took.join(', ')} ms`);
  }

  test('sends calls where an edited weight says within a second', async (t) => {
    const took: number[] = [];
    for (let i = 0; i < EDITS; i += 1) {
      const toNew = i % 2 === 0;
      const text = weights('old.example.com', { 'old.example.com': toNew ? 0 : 100, 'new.example.com': toNew ? 100 : 0 });
      const edit = () => control.write('split.yaml', text);
      took.push(await effective(edit, 'http://old.example.com/', toNew ? '198.51.100.11' : '198.51.100.10'));
    }
    inTime(took, (text) => t.diagnostic(text));
  });

  test('reaches a host within a second of its ServiceEntry, and no longer a second after it is removed', async (t) => {
    const [added, removed]: [number[], number[]] = [[], []];
    for (let i = 0; i < EDITS; i += 1) {
      const add = () => control.write('late.yaml', serviceEntry('late', 'late.example.com'));
      added.push(await effective(add, 'http://late.example.com/', '198.51.100.12'));
      removed.push(await effective(() => control.remove('late.yaml'), 'http://late.example.com/', '502'));
    }
    inTime(added, (text) => t.diagnostic(`added: ${text}`));
    inTime(removed, (text) => t.diagnostic(`removed: ${text}`));
  });

  test('opens and closes the way to unknown hosts within a second of the ConfigMap istio', async (t) => {
    const took: number[] = [];
    for (let i = 0; i < EDITS + 1; i += 1) {
      const open = i % 2 === 0;
      const edit = () => control.write('mesh.yaml', outboundPolicy(open ? 'ALLOW_ANY' : 'REGISTRY_ONLY'));
      took.push(await effective(edit, 'http://unknown.example.com/', open ? '198.51.100.13' : '502'));
    }
    inTime(took, (text) => t.diagnostic(text));
  });

  test('keeps a connection to an untouched host through all of it', async () => {
    for (const stream of streams) {
      assert.equal(stream.ended, false);
      await stream.ticks(3);
    }
  });

  test('was never restarted, nor was its proxy', async () => {
    assert.equal(control.program.lines.filter(({ event }) => event === 'connected').length, 1);
    assert.equal(workload.agent.lines.filter(({ event, state }) => event === 'state' && state === 'running').length, 1);
    assert.equal((await control.admin.status()).pid, control.program.child.pid);
  });
});
