import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { type ChainChoice, chooseFilterChain } from './filter-chain.ts';
import type { Seen } from './listener-filters.ts';
import { indexOf, listener, tcpChain } from './testing/resources.ts';

type Match = { readonly [key: string]: JsonValue };
type Chains = Readonly<Record<string, Match>>;

const SEEN: Seen = { address: '192.0.2.1', port: 80, transport: 'raw_buffer', sni: '', alpn: [] };

function choose(chains: Chains, seen: Partial<Seen>, withDefault = false): ChainChoice {
  const filterChains = Object.entries(chains).map(([name, match]) => tcpChain(name, match));
  const fields = { filterChains, ...(withDefault && { defaultFilterChain: tcpChain('default') }) };
  const index = indexOf({ listeners: [listener('0.0.0.0:80', fields)] });
  return chooseFilterChain(index.listeners.get('0.0.0.0:80')!, { ...SEEN, ...seen });
}

const check = (chains: Chains, seen: Partial<Seen>, expected: string, withDefault = false): void => {
  const { chain, error } = choose(chains, seen, withDefault);
  assert.equal(chain?.name ?? error, expected);
};

const cidr = (addressPrefix: string, prefixLen: number): JsonValue => ({ addressPrefix, prefixLen });

test('a chain for the port wins over one for any port', () => {
  const chains = { p80: { destinationPort: 80 }, p81: { destinationPort: 81 }, any: {} };
  check(chains, { port: 80 }, 'p80');
  check(chains, { port: 82 }, 'any');
});

test('the longest prefix that contains the address wins', () => {
  const chains = {
    net: { prefixRanges: [cidr('192.0.0.0', 16)] },
    subnet: { prefixRanges: [cidr('10.0.0.0', 8), cidr('192.0.2.0', 24)] },
    other: { prefixRanges: [cidr('192.0.2.0', 30), cidr('198.51.100.0', 24)] },
    any: {},
  };
  check(chains, { address: '192.0.2.9' }, 'subnet');
  check(chains, { address: '192.0.2.1' }, 'other');
  check(chains, { address: '192.0.9.1' }, 'net');
  check(chains, { address: '2001:db8::1' }, 'any');
});

test('a server name is matched exactly, else by the longest wildcard, which stands for one label or more', () => {
  const chains = {
    exact: { serverNames: ['a.b.example'] },
    near: { serverNames: ['*.b.example'] },
    far: { serverNames: ['other.example', '*.Example'] },
    any: {},
  };
  check(chains, { sni: 'a.b.example' }, 'exact');
  check(chains, { sni: 'x.b.example' }, 'near');
  check(chains, { sni: 'x.y.b.example' }, 'near');
  check(chains, { sni: 'b.example' }, 'far');
  check(chains, { sni: '.b.example' }, 'far');
  check(chains, { sni: 'example' }, 'any');
  check(chains, { sni: 'ab.examples' }, 'any');
  check(chains, { sni: '' }, 'any');
});

test('the caller’s first protocol that any chain lists decides', () => {
  const chains = { http: { applicationProtocols: ['http/1.1', 'h2c'] }, h2: { applicationProtocols: ['h2', 'http/1.1'] } };
  check(chains, { alpn: ['h2', 'http/1.1'] }, 'h2');
  check(chains, { alpn: ['x', 'h2c', 'h2'] }, 'http');
  check(chains, { alpn: ['http/1.1'] }, 'MultipleFilterChain');
  check(chains, { alpn: ['x'] }, 'NoFilterChain');
});

test('there is no way back: a chain that wins an earlier criterion loses the call if it fails a later one', () => {
  const chains = { named: { serverNames: ['a.example'], applicationProtocols: ['h2'] }, any: {} };
  check(chains, { sni: 'a.example', alpn: ['h2'] }, 'named');
  check(chains, { sni: 'a.example', alpn: ['http/1.1'] }, 'NoFilterChain');
  check(chains, { sni: 'a.example', alpn: ['http/1.1'] }, 'default', true);
});

test('chains for TLS and for bytes part at the transport protocol', () => {
  const chains = { tls: { transportProtocol: 'tls' }, raw: { transportProtocol: 'raw_buffer' } };
  check(chains, { transport: 'tls' }, 'tls');
  check(chains, {}, 'raw');
});

test('a chain that wants a certain source is never chosen: a call does not say where it comes from', () => {
  for (const match of [
    { sourcePrefixRanges: [cidr('0.0.0.0', 0)] },
    { directSourcePrefixRanges: [cidr('0.0.0.0', 0)] },
    { sourcePorts: [1] },
    { sourceType: 'EXTERNAL' },
  ]) {
    check({ sourced: match as Match, any: {} }, {}, 'any');
  }
});

test('the default chain is for what no other takes', () => {
  check({}, {}, 'default', true);
  check({}, {}, 'NoFilterChain');
  check({ any: {} }, {}, 'any', true);
  check({ one: {}, two: {} }, {}, 'MultipleFilterChain', true);
});

test('the steps show each reduction and how it ended', () => {
  const chains = { a: { destinationPort: 80, serverNames: ['a.example'] }, b: { destinationPort: 80 }, c: {} };
  assert.deepEqual(choose(chains, { sni: 'b.example' }).steps, [
    { at: 'filterChain', criterion: 'destinationPort', caller: '80', matched: '80', before: 3, after: 2 },
    { at: 'filterChain', criterion: 'serverNames', caller: 'b.example', before: 2, after: 1 },
    { at: 'chosenChain', rule: 'only one left', chains: ['b'] },
  ]);
});

const anyMatch: fc.Arbitrary<Match> = fc.record(
  {
    destinationPort: fc.constantFrom(80, 81),
    serverNames: fc.subarray(['a.example', '*.example', 'b.test', '*.test'], { minLength: 1 }),
    transportProtocol: fc.constantFrom('tls', 'raw_buffer'),
    applicationProtocols: fc.subarray(['h2', 'http/1.1', 'istio'], { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const anySeen: fc.Arbitrary<Partial<Seen>> = fc.record({
  port: fc.constantFrom(80, 81, 82),
  sni: fc.constantFrom('', 'a.example', 'c.example', 'b.test'),
  transport: fc.constantFrom('tls' as const, 'raw_buffer' as const),
  alpn: fc.subarray(['h2', 'http/1.1', 'istio', 'x']),
});
const anyChains = fc.uniqueArray(anyMatch, { maxLength: 6, selector: (match) => JSON.stringify(match) });
const named = (matches: readonly Match[]): Chains => Object.fromEntries(matches.map((match, i) => [`c${i}`, match]));
const outcome = ({ chain, error }: ChainChoice) => chain?.name ?? error;

test('the order of chains, and of names within them, does not matter', () => {
  const reversed = (match: Match): Match =>
    Object.fromEntries(
      Object.entries(match)
        .map(([key, value]): [string, JsonValue] => [key, Array.isArray(value) && key !== 'alpn' ? [...value].reverse() : value])
        .reverse(),
    );
  fc.assert(
    fc.property(anyChains, anySeen, (matches, seen) => {
      const chains = Object.entries(named(matches));
      const other = Object.fromEntries(chains.reverse().map(([name, match]) => [name, reversed(match)]));
      assert.equal(outcome(choose(other, seen)), outcome(choose(named(matches), seen)));
    }),
  );
});

test('a chain for a port that is not called changes nothing', () => {
  fc.assert(
    fc.property(anyChains, anySeen, anyMatch, (matches, seen, match) => {
      const more = { ...named(matches), unrelated: { ...match, destinationPort: 9 } };
      assert.equal(outcome(choose(more, seen, true)), outcome(choose(named(matches), seen, true)));
    }),
  );
});
