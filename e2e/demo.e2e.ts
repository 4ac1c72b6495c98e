import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ran, run } from './lab/ran.ts';

// `npm start` as a newcomer runs it, read by a machine. What each text must show stands here once more, independent of the demonstration's own expectations.
const PROGRAM = [process.execPath, join(import.meta.dirname, 'demo', 'main.ts')];

interface Step {
  readonly title: string;
  readonly ok: boolean;
  readonly command: string;
  readonly exitCode?: number;
  readonly status?: readonly number[];
  readonly servers?: Readonly<Record<string, number>>;
  readonly addresses?: readonly string[];
  readonly peer?: string;
  readonly access?: readonly {
    readonly listener: string | null;
    readonly cluster: string | null;
    readonly route: string | null;
    readonly sni: string | null;
  }[];
  readonly issues?: readonly { readonly code: string; readonly line?: number; readonly hint?: string }[];
  readonly leftOut?: string;
  readonly printed?: string;
  readonly differs: readonly string[];
}

interface Shown {
  readonly ok: boolean;
  readonly mode: string;
  readonly seconds: number;
  readonly texts: readonly {
    readonly id: string;
    readonly ok: boolean;
    readonly steps: readonly Step[];
    readonly notYetShown: readonly string[];
  }[];
}

describe('the demonstration', () => {
  let ran: Ran;
  let shown: Shown;
  before(async () => {
    ran = await run([...PROGRAM, '-o', 'json']);
    assert.match(ran.stdout, /^\{/, ran.stderr);
    shown = JSON.parse(ran.stdout) as Shown;
  });

  const steps = (id: string) => shown.texts.find((text) => text.id === id)?.steps ?? assert.fail(`no text ${id}`);
  /** The calls of a text to a URL: status, who answered, through which clusters. */
  const calls = (id: string, url: string) =>
    steps(id)
      .filter(({ command }) => command.startsWith('curl') && command.includes(url))
      .map(({ status, peer, access }) => [
        status?.join() || 'none',
        peer ?? '',
        access?.map(({ cluster }) => cluster).join() ?? '',
      ]);
  const findings = (id: string, file: string) =>
    steps(id)
      .filter(({ command }) => command.includes(` apply `) && command.includes(file))
      .flatMap(({ issues = [] }) => issues);

  test('exits 0, is silent but for its result, and differs nowhere from what it expects', () => {
    assert.deepEqual(
      shown.texts.flatMap((text) => text.steps.filter(({ ok }) => !ok)),
      [],
    );
    assert.equal(ran.stderr, '');
    assert.equal(ran.code, 0);
    assert.ok(shown.ok);
    assert.deepEqual(
      shown.texts.map(({ id }) => id),
      ['000', '001', '002', '003', '004'],
    );
  });

  test('text 000: http:// goes through the entry, https:// past it, then nowhere, then through the mended entry', () => {
    assert.deepEqual(calls('000', 'http://api.example.com'), [
      ['200', '', 'PassthroughCluster'],
      ['200', '', 'outbound|80||api.example.com'],
      ['200', '', 'outbound|80||api.example.com'],
      ['200', '', 'outbound|80||api.example.com'],
    ]);
    assert.deepEqual(calls('000', 'https://api.example.com'), [
      ['200', 'api.example.com', 'PassthroughCluster'],
      ['none', '', 'BlackHoleCluster'],
      ['200', 'api.example.com', 'outbound|443||api.example.com'],
    ]);
  });

  test('text 000: both mistakes in the printed entry are told with what to write instead, and gone when it is mended', () => {
    const told = findings('000', '01-external-api-service-entry.yaml');
    assert.deepEqual(told.map(({ code }) => code).sort(), ['NO_PROTOCOL', 'TLS_NOT_DECLARED']);
    assert.match(told.find(({ code }) => code === 'NO_PROTOCOL')?.hint ?? '', /^protocol: HTTP$/);
    assert.match(told.find(({ code }) => code === 'TLS_NOT_DECLARED')?.hint ?? '', /number: 443.*protocol: TLS/);
    assert.deepEqual(findings('000', '03-mended-service-entry.yaml'), []);
  });

  test('text 001: the Destination stands for the entry that the text shows, foo.bar.global has its address and leads to solo.io', () => {
    assert.deepEqual(
      findings('001', '01-destination.yaml').map(({ code }) => code),
      ['TLS_NOT_DECLARED'],
    );
    const [call] = steps('001').filter(({ command }) => command.startsWith('curl'));
    assert.deepEqual(call?.servers, { 'solo.io': 1 });
    assert.deepEqual(call?.access?.[0]?.cluster, 'outbound|80||foo.bar.global');
    const [translated] = steps('001').filter(({ command }) => command.startsWith('sallyport translate'));
    assert.match(translated?.printed ?? '', /^# Destination gloo-mesh\/my-ext-service-tt \(.*01-destination\.yaml:1\)\n/);
    assert.match(translated?.printed ?? '', /^ {4}- 248\.6\.56\.91$/m);
    const [lookup] = steps('001').filter(({ command }) => command.startsWith('nslookup'));
    assert.deepEqual(lookup?.addresses, ['248.6.56.91']);
  });

  test('text 002: https to httpbin.org passes, is blocked, and works through the entry, with the VirtualService and without', () => {
    assert.deepEqual(calls('002', 'https://httpbin.org/post'), [
      ['200', 'httpbin.org', 'PassthroughCluster'],
      ['none', '', 'BlackHoleCluster'],
      ['200', 'httpbin.org', 'outbound|443||httpbin.org'],
      ['200', 'httpbin.org', 'outbound|443||httpbin.org'],
    ]);
  });

  test('text 002: telephones go to v2, all others to v1, later half to v4', () => {
    const to = steps('002').filter(({ command }) => command.includes('http://calcbackendsvc'));
    assert.deepEqual(
      to.slice(0, 2).map(({ servers }) => servers),
      [{ 'calcbackend-v1': 1 }, { 'calcbackend-v2': 1 }],
    );
    const { 'calcbackend-v1': v1 = 0, 'jscalcbackend-egress-v4': v4 = 0 } = to[2]?.servers ?? {};
    assert.equal(v1 + v4, 100);
    assert.ok(v1 >= 25 && v4 >= 25, `${v1} to ${v4}`);
  });

  test('text 003: the external API is reached by SNI, an entry of another namespace that is not exported is not seen', () => {
    const [seen, unseen] = steps('003').filter(({ command }) => command.includes('https://api.external-svc.com'));
    assert.deepEqual(
      seen?.access?.map(({ listener, cluster, sni }) => [listener, cluster, sni]),
      [['0.0.0.0_443', 'outbound|443||api.external-svc.com', 'api.external-svc.com']],
    );
    assert.deepEqual(
      unseen?.access?.map(({ cluster }) => cluster),
      ['PassthroughCluster'],
    );
  });

  test('text 003: the document that runs two objects together is refused with its line, and both VMs and the Pod answer', () => {
    const [told] = findings('003', '02-customers-vms.yaml');
    assert.deepEqual([told?.code, told?.line], ['DOCUMENT_RUN_TOGETHER', 12]);
    assert.match(told?.hint ?? '', /---/);
    const [two, three] = steps('003').filter(({ command }) => command.includes('http://customers.com'));
    assert.deepEqual(two?.addresses, ['1.0.0.0', '2.0.0.0']);
    assert.deepEqual(three?.addresses, ['1.0.0.0', '10.244.0.31', '2.0.0.0']);
  });

  test('text 004: the route table is refused for its line breaks, then for its variable, and taken when both are mended', () => {
    assert.deepEqual(
      ['01-route-table-on-one-line.yaml', '02-route-table.yaml', '03-route-table-filled-in.yaml'].map((file) =>
        findings('004', file).map(({ code }) => code),
      ),
      [['YAML_SYNTAX'], ['PLACEHOLDER'], ['INEFFECTIVE']],
    );
  });

  test('text 004: the address is blocked until it is declared; address, range and hostname are then reached directly', () => {
    const to = (url: string) => calls('004', url).map(([status, , cluster]) => [status, cluster]);
    const own = (name: string) => `outbound|80||${name}.global.mgmt-cluster.external.gloo.internal`;
    assert.deepEqual(to('123.221.3.0:80/db'), [
      ['none', 'BlackHoleCluster'],
      ['200', own('direct-address')],
    ]);
    assert.deepEqual(to('203.0.113.20:80/get'), [['200', own('direct-cidr')]]);
    assert.deepEqual(to('http://my-remote-svc.com/httpbin'), [['200', 'outbound|80||my-remote-svc.com']]);
  });

  test('text 004: three endpoints answer for one hostname, and only for the path that the table routes', () => {
    const [withPath] = steps('004').filter(({ command }) => command.startsWith('nslookup'));
    assert.deepEqual(withPath?.addresses, []);
    const database = steps('004').find(({ command }) => command.includes('my-remote-db.com/db/'));
    assert.deepEqual(database?.addresses, ['198.51.100.11', '198.51.100.12', '198.51.100.13']);
    assert.deepEqual(calls('004', 'my-remote-db.com/other'), [['404', '', '']]);
  });

  test('text 004: a wildcard lets callers around REGISTRY_ONLY, unless the proxy looks the name up', () => {
    assert.deepEqual(calls('004', 'https://made-up.example.net/'), [
      ['200', '', 'outbound|443||*.example.net'],
      ['none', '', 'outbound|443||*.example.net'],
    ]);
    assert.deepEqual(calls('004', 'https://elsewhere.example.net/'), [
      ['200', 'elsewhere.example.net', 'outbound|443||*.example.net'],
    ]);
  });

  test('what is not shown is said', () => {
    for (const { id, notYetShown } of shown.texts) {
      const isSaid = notYetShown.length > 0;
      assert.equal(isSaid, id === '003', id);
    }
  });
});

test('the demonstration without capture shows what a forward proxy can and says why the rest is left out', async () => {
  const ran = await run([...PROGRAM, '--mode', 'proxy', '--text', '000', '-o', 'json']);
  assert.equal(ran.code, 0, ran.stderr);
  const [text] = (JSON.parse(ran.stdout) as Shown).texts;
  const through = text?.steps.filter(({ access }) => access !== undefined) ?? [];
  assert.deepEqual(
    through.map(({ status, access }) => [status?.join(), access?.[0]?.cluster]),
    Array.from({ length: 3 }, () => ['200', 'outbound|80||api.example.com']),
  );
  assert.ok(text?.steps.some(({ leftOut }) => leftOut !== undefined));
});

test('the demonstration that is interrupted leaves no file and no process behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  // Envoy is a user of its own and has to pass.
  await chmod(folder, 0o755);
  const [file = '', ...args] = PROGRAM;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, TMPDIR: folder } });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  // What nobody reads would keep the stream open.
  child.stdout.resume();
  await sleep(500);
  assert.notDeepEqual(await readdir(folder), []);
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  assert.equal(code, 130);
  assert.deepEqual(await readdir(folder), []);
  const left = await run(['ps', '-eo', 'args']);
  assert.doesNotMatch(left.stdout, new RegExp(folder));
  await rm(folder, { recursive: true });
});
