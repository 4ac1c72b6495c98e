import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureRemoval, captureRules } from './rules.ts';

const lines = (text: string) => text.split('\n').map((line) => line.trim());

test('rules for root tell the proxy apart by its user, rules without root by its mark', () => {
  assert.ok(lines(captureRules({ exclude: { by: 'user', uid: 1337 }, outboundPort: 15001 })).includes('meta skuid 1337 return'));
  assert.ok(lines(captureRules({ exclude: { by: 'mark', mark: 7 }, outboundPort: 15001 })).includes('meta mark 7 return'));
});

test('the proxy’s own packets go before anything is redirected, DNS before loopback is left alone, and TCP last', () => {
  const rules = lines(captureRules({ exclude: { by: 'mark', mark: 7 }, outboundPort: 1, dnsPort: 53053 }));
  const chain = rules.slice(rules.findIndex((line) => line.startsWith('type nat hook output')) + 1, -3);
  assert.deepEqual(chain, [
    'meta mark 7 return',
    'udp dport 53 redirect to :53053',
    'tcp dport 53 redirect to :53053',
    'ip daddr 127.0.0.0/8 return',
    'ip6 daddr ::1 return',
    'meta l4proto tcp redirect to :1',
  ]);
});

test('one table serves both families, and loading begins by removing what is there', () => {
  const text = captureRules({ exclude: { by: 'mark', mark: 7 }, outboundPort: 1 });
  assert.ok(text.startsWith(captureRemoval()));
  assert.deepEqual(text.match(/table (\S+ \S+)/g)?.length, 3);
  assert.ok(!/table ip6? /.test(text));
});

test('inbound capture leaves the agent’s ports alone, each once', () => {
  const text = captureRules({
    exclude: { by: 'user', uid: 1 },
    outboundPort: 1,
    inbound: { port: 15006, except: [15090, 15021, 15090] },
  });
  assert.match(text, /hook prerouting/);
  assert.match(text, /tcp dport \{ 15021, 15090 \} return\n.*redirect to :15006/);
  assert.match(text, /oifname "lo" ip saddr 127\.0\.0\.6 return/);
  assert.doesNotMatch(captureRules({ exclude: { by: 'user', uid: 1 }, outboundPort: 1 }), /prerouting|127\.0\.0\.6/);
});
