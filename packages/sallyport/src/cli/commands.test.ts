import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sallyport } from './testing/sallyport.ts';

const COMMANDS = [
  'run',
  'apply',
  'delete',
  'agent',
  'exec',
  'proxy-status',
  'names',
  'validate',
  'translate',
  'generate',
  'doctor',
];

const ESCAPE = '\u001b';

const entry = (name: string, created: string) => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: shop, creationTimestamp: "${created}"}
spec:
  hosts: [${name}.example.com]
  resolution: DNS
  ports: [{number: 80, name: http, protocol: HTTP}]
`;
const ONE = entry('one', '2024-01-01T00:00:00Z');
const TWO = entry('two', '2024-01-02T00:00:00Z');

describe('the command line', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'commands-'));
    await writeFile(join(folder, 'good.yaml'), ONE);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('explains every command with examples', async () => {
    const all = await sallyport(['--help']);
    assert.equal(all.code, 0);
    assert.deepEqual(
      COMMANDS.filter((name) => !all.out.includes(`\n  ${name} `)),
      [],
    );
    const each = await Promise.all(COMMANDS.map((command) => sallyport([command, '--help'])));
    for (const [i, { code, out }] of each.entries()) {
      assert.equal(code, 0);
      assert.match(out, new RegExp(`Examples:\n(?: .*\n)*? {2}\\$ (?:.* )?sallyport ${COMMANDS[i]}`), COMMANDS[i]);
    }
    assert.doesNotMatch(all.out, /agent-inside/);
  });

  test('exits with 2 and a suggestion for what it does not know', async () => {
    const option = await sallyport(['validate', '--mesh-confg', 'x']);
    assert.equal(option.code, 2);
    assert.match(option.err, /--mesh-confg.*\n?.*Did you mean --mesh-config\?/);
    const command = await sallyport(['valdate']);
    assert.equal(command.code, 2);
    assert.match(command.err, /Did you mean validate\?/);
    const wrong = [
      ['validate', '-o', 'xml', '-f', folder],
      ['validate'],
      ['generate', '-f', folder, '--proxy', '{'],
      ['agent', '--proxy-port', '70000'],
      ['validate', '-f', folder, '--mesh-config', join(folder, 'none')],
    ];
    const codes = await Promise.all(wrong.map(async (args) => (await sallyport(args)).code));
    assert.deepEqual(codes, [2, 2, 2, 2, 2]);
  });

  test('exits with 0 when there is nothing to find and with 1 when there is', async () => {
    assert.equal((await sallyport(['validate', '-f', folder])).code, 0);
    const wrong = await sallyport(['validate', '-f', '-'], { input: ONE.replace('DNS', 'DMS') });
    assert.equal(wrong.code, 1);
    assert.match(wrong.out, /^-:6:\d+ error INVALID_VALUE /);
    assert.match(wrong.err, /^1 error, /);
  });

  test('gives findings in the shape that machines read', async () => {
    const { out, err, code } = await sallyport(['validate', '-f', '-', '-o', 'json'], { input: ONE.replace('DNS', 'DMS') });
    assert.equal(code, 1);
    assert.equal(err, '');
    const { findings, summary } = JSON.parse(out) as { findings: Record<string, unknown>[]; summary: object };
    assert.deepEqual(Object.keys(summary), ['error', 'warning', 'info']);
    const { message, hint, column, ...rest } = findings.find(({ code }) => code === 'INVALID_VALUE')!;
    const where = { kind: 'ServiceEntry', namespace: 'shop', name: 'one', field: 'spec.resolution', file: '-', line: 6 };
    assert.deepEqual(rest, { layer: 'schema', code: 'INVALID_VALUE', severity: 'error', ...where });
    for (const text of [message, hint]) assert.equal(typeof text, 'string');
    assert.equal(typeof column, 'number');
  });

  test('colours nothing in a pipe unless told to', async () => {
    const input = ONE.replace('DNS', 'DMS');
    const plain = await sallyport(['validate', '-f', '-'], { input });
    assert.ok(!(plain.out + plain.err).includes(ESCAPE));
    const forced = await sallyport(['validate', '-f', '-'], { input, env: { FORCE_COLOR: '1', NO_COLOR: '' } });
    assert.ok(forced.out.includes(`${ESCAPE}[31m`));
    const forbidden = await sallyport(['validate', '-f', '-'], { input, env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    assert.ok(!forbidden.out.includes(ESCAPE));
  });

  test('generates the same text every time, whatever the order of documents that say when they were made', async () => {
    const outs = await Promise.all(
      [
        [ONE, TWO],
        [ONE, TWO],
        [TWO, ONE],
      ].map((documents) => sallyport(['generate', '-f', '-'], { input: documents.join('---\n') })),
    );
    assert.ok(outs.every(({ code }) => code === 0));
    assert.equal(new Set(outs.map(({ out }) => out)).size, 1);
    const resources = JSON.parse(outs[0]!.out) as Record<string, { name: string }[]>;
    for (const list of ['clusters', 'endpoints', 'listeners', 'routes']) assert.ok(list in resources);
    const names = resources['clusters']!.map(({ name }) => name);
    assert.deepEqual(names, [...names].sort());
    assert.ok(names.includes('outbound|80||one.example.com') && names.includes('outbound|80||two.example.com'));
  });

  test('says in one sentence that no control plane is running, with exit code 3', async () => {
    for (const args of [['proxy-status'], ['apply', '-f', join(folder, 'good.yaml')], ['delete', 'ServiceEntry', 'one']]) {
      const { code, out, err } = await sallyport([...args, '--runtime-dir', join(folder, 'nobody')]);
      assert.equal(code, 3);
      assert.equal(out, '');
      assert.match(err, /^sallyport: no control plane answers at \S+; start one with: sallyport run -f DIR .*\n$/);
    }
  });

  test('says which tools capture lacks, with exit code 3', async () => {
    const { code, err } = await sallyport(['exec', '--runtime-dir', join(folder, 'rt'), '--', 'true'], {
      env: { PATH: folder },
    });
    assert.equal(code, 3);
    assert.match(err, /^sallyport: traffic cannot be captured here: /);
    assert.doesNotMatch(err, /^\s+at /m);
  });

  test('names the kind that delete does not know, with exit code 2', async () => {
    const kind = await sallyport(['delete', 'ServiceEntree', 'one', '--runtime-dir', join(folder, 'nobody')]);
    assert.equal(kind.code, 2);
    assert.match(kind.err, /ServiceEntree is no kind/);
  });
});
