import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  captureRemoval,
  captureRules,
  missingForCapture,
  openNamespace,
  type RuleOptions,
  type Variant,
  variantFor,
} from 'sallyport/agent/capture/index.ts';
import { runTool } from 'sallyport/agent/capture/run-tool.ts';
import { isThere, runLab } from './testing/captured-lab.ts';

// The table of spec/envoy.md 3, with the real Envoy in a real namespace, as root and as a plain user.
test('rules can be loaded twice and removed twice, inbound ones too, and then nothing is there', async () => {
  const namespace = await openNamespace({ variant: variantFor(), reach: 'lab' });
  const nft = (args: readonly string[], input?: string) => runTool(namespace.inside(['nft', ...args]), input);
  try {
    const options: RuleOptions = { exclude: { by: 'user', uid: 1337 }, outboundPort: 15001, dnsPort: 15053 };
    const rules = captureRules({ ...options, inbound: { port: 15006, except: [15021, 15090] } });
    await nft(['-f', '-'], rules);
    const once = await nft(['list', 'ruleset']);
    await nft(['-f', '-'], rules);
    assert.equal(await nft(['list', 'ruleset']), once);
    assert.match(once, /chain inbound/);
    await nft(['-f', '-'], captureRules(options));
    assert.doesNotMatch(await nft(['list', 'ruleset']), /chain inbound/);
    for (let i = 0; i < 2; i += 1) await nft(['-f', '-'], captureRemoval());
    assert.equal(await nft(['list', 'ruleset']), '');
  } finally {
    await namespace.close();
  }
});

for (const variant of ['root', 'rootless'] satisfies Variant[]) {
  describe(`a command captured in variant ${variant}`, () => {
    let saw: Awaited<ReturnType<typeof runLab>>;
    before(async () => {
      assert.deepEqual(await missingForCapture(variant, 'lab'), []);
      saw = await runLab(variant);
    });

    const call = (name: string) => saw.calls[name] ?? assert.fail(`no call ${name}`);
    const reaches = (name: string, host: string, at: string) => {
      const { code, out } = call(name);
      assert.deepEqual([code, out], [0, `${JSON.stringify({ host, at })} 200`]);
    };

    test('would reach every address without the agent', () => {
      reaches('before the agent', '203.0.113.66', '::ffff:203.0.113.66');
    });

    test('reaches a registered host by name, by Host header, and over IPv6, at the address that Envoy resolved', () => {
      for (const name of ['http by name', 'http by Host', 'http by Host over IPv6'])
        reaches(name, 'api.example.test', '::ffff:198.51.100.10');
    });

    test('reaches a registered host by SNI with its own TLS', () => {
      reaches('tls by SNI', 'api.example.test', '::ffff:198.51.100.10');
    });

    test('does not reach an unregistered host, SNI or port', () => {
      assert.equal(call('unknown host').out, '502');
      assert.equal(call('unknown SNI').code, 35);
      assert.deepEqual(call('raw tcp'), { code: 0, out: '<>' });
    });

    test('cannot make the proxy call itself by way of the capture port', () => {
      assert.match(call('the capture port').out, /Empty reply|reset by peer/);
    });

    test('under ALLOW_ANY reaches what is not registered at the address that it asked for, and the capture port still leads nowhere', () => {
      reaches('unknown host, ALLOW_ANY', 'other.example.test', '::ffff:203.0.113.66');
      reaches('unknown host over IPv6, ALLOW_ANY', 'other.example.test', '2001:db8:666::66');
      reaches('unknown SNI, ALLOW_ANY', 'other.example.test', '::ffff:203.0.113.66');
      assert.match(call('the capture port, ALLOW_ANY').out, /Empty reply|reset by peer/);
      reaches('http by name, ALLOW_ANY', 'api.example.test', '::ffff:198.51.100.10');
    });

    test('keeps its own loopback', () => {
      reaches('loopback', '127.0.0.1', '::ffff:127.0.0.1');
    });

    test('is answered DNS by the agent, whichever server it asks, over UDP, TCP and IPv6', () => {
      assert.equal(call('dns over UDP').out, '198.51.100.10');
      assert.equal(call('dns over TCP').out, '2001:db8::10');
      assert.equal(call('dns over IPv6').out, '198.51.100.10');
      assert.equal(call('dns of an unknown name').out, 'code 3');
    });

    test('cannot mark its packets, change rules or interfaces', () => {
      assert.deepEqual(call('mark, confined'), { code: 1, out: 'mark: Operation not permitted' });
      assert.match(call('rules, confined').out, /not permitted/);
      assert.match(call('new interface, confined').out, /not permitted/);
    });

    test('finds no admin interface and no way to its socket', () => {
      assert.equal(call('admin, with all rights').out, 'LIVE');
      assert.equal(call('admin, confined').code, 7);
      assert.match(call('folder, confined').out, /cannot access/);
      assert.equal(call('the proxy’s files, with all rights').code, 0);
      assert.match(call('the proxy’s files, confined').out, /Permission denied/);
    });

    test('reads metrics and nothing else on the port for metrics', () => {
      assert.equal(call('metrics').out, '200');
      assert.match(call('metrics of a cluster').out, /\{cluster_name="outbound\|80\|\|api\.example\.test"\} [1-9]/);
      assert.equal(call('admin through metrics').out, '404');
      assert.equal(call('shutdown through metrics').out, '404');
      assert.match(call('health').out, /^\{"ready":true,.*\n? 200$/s);
    });

    test('has its calls in the access log, one JSON object a line', () => {
      const entries = saw.access.map((line) => JSON.parse(line) as unknown);
      assert.equal(entries.filter((entry) => JSON.stringify(entry).includes('api.example.test')).length, 4);
      assert.ok(entries.some((entry) => JSON.stringify(entry) === '{"authority":"other.example.test","code":502}'));
    });

    test('reaches nothing any more when the agent is gone', () => {
      assert.equal(call('after the agent').code, 7);
    });

    test('leaves nothing behind', () => {
      assert.ok(!isThere(saw.holder));
      assert.deepEqual(saw.left, []);
    });

    if (variant === 'root') {
      test('is captured even with all rights, unless it runs as the proxy’s user', () => {
        assert.match(call('mark, with all rights').out, /server: envoy/);
      });
    } else {
      test('would leave uncaptured if it could set the mark', (t) => {
        t.diagnostic(saw.asPlainUser ? 'ran as a plain user' : 'ran as root, for a plain user cannot read this checkout');
        assert.match(call('mark, with all rights').out, /400 Bad Request/);
        assert.doesNotMatch(call('mark, with all rights').out, /envoy/);
      });
    }
  });
}
