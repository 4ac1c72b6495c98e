import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Protocol } from '../../model/index.ts';
import { isHttp } from '../../model/index.ts';
import { cellsOf, chainMatch, matchText } from './match.ts';
import { type Contribution, type Merged, merge } from './merge.ts';
import type { HttpPart, Part, TcpChain } from './parts.ts';

interface Making {
  readonly names?: readonly string[];
  readonly networks?: readonly string[];
  readonly wildcard?: boolean;
  readonly ported?: boolean;
  readonly dynamicHost?: string;
}

/** The contribution of a service to a listener on port 80: of HTTP only a connection manager, of auto both. */
function brings(host: string, protocol: Protocol, making: Making = {}): Contribution {
  const { names = [], networks = [], wildcard = true, ported = false, dynamicHost } = making;
  const match = chainMatch(names, networks)!;
  const chain: TcpChain = {
    match: matchText(match),
    cells: cellsOf(match),
    bySni: names.length > 0,
    bytes: new TextEncoder().encode(host),
  };
  const http: HttpPart = {
    routes: protocol === 'auto' && !wildcard ? `${host}:80` : '80',
    sniffs: protocol === 'auto' || (protocol !== 'http-proxy' && wildcard),
    grpcWeb: protocol === 'grpc-web',
    dynamicHost,
  };
  const part: Part = {
    bind: wildcard ? '0.0.0.0' : '10.0.0.1',
    port: 80,
    protocol,
    tcp: isHttp(protocol) ? [] : [chain],
    http: isHttp(protocol) || protocol === 'auto' ? http : undefined,
  };
  const from = { kind: 'ServiceEntry', namespace: 'shop', name: host };
  return { owner: { host, from, age: '', parts: [part], issues: [] }, part, ported };
}

const chainsOf = ({ chains }: Merged) =>
  chains.map((chain) => (chain === 'http' ? 'http' : new TextDecoder().decode(chain.bytes)));
const codesOf = ({ issues }: Merged) => issues.map(({ code, object }) => `${code} ${object?.name}`);

function check(given: readonly Contribution[], chains: readonly string[], issues: readonly string[] = []): void {
  checked(given, chains, issues);
}

function checked(given: readonly Contribution[], chains: readonly string[], issues: readonly string[] = []): Merged {
  const merged = merge(given);
  assert.deepEqual(chainsOf(merged), chains);
  assert.deepEqual(codesOf(merged), issues);
  return merged;
}

const MINE = { wildcard: false } as const;

describe('the same bind and port again (spec/istio.md 4.2)', () => {
  test('nothing gives nothing', () => check([], []));

  test('HTTP and HTTP share one connection manager', () => check([brings('a', 'http'), brings('b', 'grpc')], ['http']));
  test('TCP joins HTTP that does not sniff if it asks for something', () => {
    const merged = checked([brings('a', 'http', MINE), brings('b', 'tls', { ...MINE, names: ['b'] })], ['http', 'b']);
    assert.equal(merged.http?.sniffs, false);
  });
  test('TCP that takes everything is shut out by HTTP that does too', () =>
    check([brings('a', 'http', MINE), brings('b', 'tcp', MINE)], ['http'], ['SHADOWED b']));
  test('detection replaces HTTP that does not sniff, whose routes are then gone', () => {
    const merged = checked([brings('a', 'http', MINE), brings('b', 'auto', MINE)], ['b', 'http'], ['PORT_CONFLICT a']);
    assert.equal(merged.http?.routes, 'b:80');
  });

  test('HTTP joins TCP', () => check([brings('a', 'tcp'), brings('b', 'http')], ['a', 'http']));
  test('HTTP that does not sniff cannot join TCP that takes everything, and is told so', () =>
    check([brings('a', 'tcp', MINE), brings('b', 'http', MINE)], ['a'], ['PORT_CONFLICT b']));
  test('TCP joins TCP that asks for something else', () =>
    check([brings('a', 'tls', { names: ['a'] }), brings('b', 'tcp', { networks: ['10.0.0.0/8'] })], ['a', 'b']));
  test('detection joins TCP', () => check([brings('a', 'tls', { names: ['a'] }), brings('b', 'auto')], ['a', 'b', 'http']));
  test('of detection that joins TCP for everything only the HTTP half is new', () =>
    check([brings('a', 'tcp'), brings('b', 'auto')], ['a', 'http']));

  test('HTTP after detection changes nothing', () => check([brings('a', 'auto'), brings('b', 'http')], ['a', 'http']));
  test('TCP joins detection', () =>
    check([brings('a', 'auto'), brings('b', 'tcp', { networks: ['10.0.0.0/8'] })], ['a', 'http', 'b']));
  test('TCP joins HTTP on the wildcard, which counts as detection', () =>
    check([brings('a', 'http'), brings('b', 'tcp')], ['http', 'b']));
  test('detection after detection adds its TCP half', () =>
    check([brings('a', 'auto'), brings('b', 'auto', { networks: ['10.0.0.0/8'] })], ['a', 'http', 'b']));
  test('detection after detection for the same address is shut out of HTTP, where each has its own routes', () =>
    check([brings('a', 'auto', MINE), brings('b', 'auto', MINE)], ['a', 'http'], ['PORT_CONFLICT b']));

  test('a port of a Sidecar is locked against listeners without one', () =>
    check([brings('a', 'http', { ported: true }), brings('b', 'tcp'), brings('c', 'http')], ['http']));
  test('the HTTP proxy protocol takes the listener over', () => {
    const merged = checked([brings('a', 'tcp'), brings('b', 'http-proxy')], ['http'], ['PORT_CONFLICT a']);
    assert.equal(merged.http?.sniffs, false);
  });
});

describe('Mongo and MySQL', () => {
  test('suffer no other protocol beside them', () => {
    check([brings('a', 'mongo'), brings('b', 'tls', { names: ['b'] })], ['a'], ['PORT_CONFLICT b']);
    check([brings('a', 'tls', { names: ['a'] }), brings('b', 'mysql')], ['a'], ['PORT_CONFLICT b']);
    check([brings('a', 'http'), brings('b', 'mongo')], ['http'], ['PORT_CONFLICT b']);
    check([brings('a', 'mongo'), brings('b', 'http')], ['a'], ['PORT_CONFLICT b']);
  });
  test('suffer their own', () =>
    check([brings('a', 'mongo', { networks: ['10.0.0.0/8'] }), brings('b', 'mongo', { networks: ['11.0.0.0/8'] })], ['a', 'b']));
});

describe('chains that meet', () => {
  test('two TCP services for everything: the older takes all, and the younger is told by whom', () => {
    const { issues } = checked([brings('old', 'tcp'), brings('new', 'tcp')], ['old'], ['SHADOWED new']);
    assert.match(issues[0]!.message, /^new gets no connections on port 80: old \(ServiceEntry shop\/old\) comes first/);
  });
  test('the same chain twice is no loss', () => {
    const [a, again] = [brings('a', 'tls', { names: ['a'] }), brings('a', 'tls', { names: ['a'] })];
    check([a, again], ['a']);
  });
  test('prefixes are compared by what they cover', () =>
    check(
      [brings('a', 'tcp', { networks: ['10.1.2.3/8'] }), brings('b', 'tcp', { networks: ['10.9.9.9/8'] })],
      ['a'],
      ['SHADOWED b'],
    ));
  test('a chain that shares some of its names is left out, or Envoy would refuse all of them', () =>
    check(
      [
        brings('a', 'tls', { names: ['x', 'y'] }),
        brings('b', 'tls', { names: ['y', 'z'] }),
        brings('c', 'tls', { names: ['z'] }),
      ],
      ['a', 'c'],
      ['PORT_CONFLICT b'],
    ));
});

test('the connection manager has what any of its services needs, whichever came first', () => {
  const { http } = merge([
    brings('plain', 'http'),
    brings('*.b', 'http', { dynamicHost: '*.b' }),
    brings('web', 'grpc-web'),
    brings('*.a', 'http2', { dynamicHost: '*.a' }),
  ]);
  assert.deepEqual(http, { routes: '80', sniffs: true, grpcWeb: true, dynamicHosts: ['*.a', '*.b'] });
});
