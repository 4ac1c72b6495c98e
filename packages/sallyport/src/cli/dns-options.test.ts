import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { addDnsOptions, agentDns, type DnsCommandOptions, dnsArguments } from './dns-options.ts';

function parsed(...args: string[]): DnsCommandOptions {
  const command = addDnsOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return command.parse(args, { from: 'user' }).opts<DnsCommandOptions>();
}

test('servers are addresses with or without a port, of both families', () => {
  const { dnsServer } = parsed('--dns-server', '192.0.2.1', '192.0.2.2:5353', '2001:db8::1', '[2001:db8::2]:54');
  assert.deepEqual(dnsServer, [
    { address: '192.0.2.1', port: 53 },
    { address: '192.0.2.2', port: 5353 },
    { address: '2001:db8::1', port: 53 },
    { address: '2001:db8::2', port: 54 },
  ]);
  for (const wrong of ['dns.test', '192.0.2.1:', '192.0.2.1:0', '192.0.2.1:70000', '1.2.3']) {
    assert.throws(() => parsed('--dns-server', wrong), /IP or IP:PORT is wanted/, wrong);
  }
});

test('what was given reaches the agent inside by arguments', () => {
  const given = parsed(
    ...['--dns-server', '[2001:db8::2]:54', '192.0.2.1', '--dns-search', 'corp.test', '--dns-parallel', '--dns-timeout', '100'],
    ...['--dns-serve-stale', '60', '--dns-rate', '7', '--dns-unknown', 'refuse'],
  );
  assert.deepEqual(parsed(...dnsArguments(given)), given);
  assert.deepEqual(parsed(...dnsArguments(parsed())), parsed());
});

test('a rate of 0 is no limit', () => {
  assert.equal(agentDns(parsed('--dns-rate', '0')).rate, 'unlimited');
  assert.deepEqual(agentDns(parsed()).rate, { perSecond: 500, burst: 1_000 });
});
