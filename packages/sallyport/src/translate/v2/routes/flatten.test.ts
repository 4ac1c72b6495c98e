import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fieldText, type GlooSelector, type RouteTableHttp } from '../../../model/index.ts';
import { table } from '../testing/objects.ts';
import { flatten, type RouteTable } from './flatten.ts';
import { routeNames } from './names.ts';
import { sharesOf } from './shares.ts';

const go = (name: string, prefix?: string): RouteTableHttp => ({
  name,
  ...(prefix !== undefined && { matchers: [{ uri: { prefix } }] }),
  directResponse: { status: 200 },
});
const delegate = (...names: string[]): RouteTableHttp => ({
  name: 'd',
  delegate: { routeTables: names.map((name) => ({ name })) },
});

/** Selects by name, or everything, in the order given. */
const among = (all: readonly RouteTable[]) => (selector: GlooSelector) =>
  all.filter(({ key }) => selector.name === undefined || key.name === selector.name);

const shown = (root: RouteTable, ...others: RouteTable[]) => {
  const { routes, issues } = flatten(root, among(others));
  return {
    routes: routes.map(({ name, matches, broken }) => {
      const paths = matches.map(({ uri }) => uri?.exact ?? uri?.regex ?? `${uri?.prefix}*`).join(' ');
      return [name ?? '?', paths, broken ? 'broken' : ''].filter((part) => part !== '').join(' ');
    }),
    issues: issues.map(({ code, object, field }) => `${code} ${object?.name} ${fieldText(field ?? [])}`),
  };
};

describe('routes of tables that delegate', () => {
  it('stand where the delegating route stands, and match what both match', () => {
    const root = table('root', {
      hosts: ['*'],
      http: [go('first', '/0'), { ...delegate('child'), matchers: [{ uri: { prefix: '/a' } }] }, go('last')],
    });
    const child = table('child', { http: [go('x', '/a/x'), go('y')] });
    assert.deepEqual(shown(root, child), {
      routes: ['first-root /0*', 'x-child /a/x*', 'y-child /a*', 'last-root'],
      issues: [],
    });
  });

  it('are in order of the weights of their tables, then as selected', () => {
    const root = table('root', { hosts: ['*'], http: [delegate('a', 'b', 'c')] });
    const child = (name: string, weight?: number) => table(name, { http: [go('r')], ...(weight !== undefined && { weight }) });
    assert.deepEqual(shown(root, child('a'), child('b', 5), child('c')).routes, ['r-b', 'r-a', 'r-c']);
  });

  it('are sorted by what their paths say where that is asked for (example in the API)', () => {
    const uri = (kind: 'exact' | 'prefix' | 'regex', text: string): RouteTableHttp => ({
      name: `${kind} ${text}`,
      matchers: [{ uri: { [kind]: text } }],
      directResponse: { status: 200 },
    });
    const foo = table('foo', {
      weight: 1,
      http: [
        uri('prefix', '/foo'),
        uri('prefix', '/foo/more/specific'),
        uri('prefix', '/foo/even/more/specific'),
        uri('exact', '/foo/exact'),
        uri('exact', '/foo/another/exact'),
        uri('regex', '/foo/*'),
        uri('regex', '/fooo/*'),
      ],
    });
    const bar = table('bar', {
      weight: 2,
      http: [
        uri('prefix', '/bar'),
        uri('prefix', '/bar/more/specific'),
        uri('prefix', '/bar/even/more/specific'),
        uri('exact', '/bar/exact'),
        uri('regex', '/bar/*'),
      ],
    });
    const root = table('root', {
      hosts: ['*'],
      http: [{ delegate: { routeTables: [{ name: 'foo' }, { name: 'bar' }], sortMethod: 'ROUTE_SPECIFICITY' } }],
    });
    assert.deepEqual(
      flatten(root, among([foo, bar])).routes.map(({ route }) => route.name),
      [
        'exact /foo/another/exact',
        'exact /bar/exact',
        'exact /foo/exact',
        'regex /bar/*',
        'regex /foo/*',
        'regex /fooo/*',
        'prefix /bar/even/more/specific',
        'prefix /foo/even/more/specific',
        'prefix /bar/more/specific',
        'prefix /foo/more/specific',
        'prefix /bar',
        'prefix /foo',
      ],
    );
  });

  it('answer 500 as a whole where no request can fit parent and child', () => {
    const root = table('root', { hosts: ['*'], http: [{ ...delegate('child'), matchers: [{ uri: { prefix: '/a' } }] }] });
    assert.deepEqual(shown(root, table('child', { http: [go('x', '/a/x'), go('y', '/b')] })), {
      routes: ['d-root /a* broken'],
      issues: ['UNTRANSLATABLE root spec.http[0].matchers'],
    });
  });

  it('answer 500 where nothing is selected, or only tables with hosts of their own', () => {
    const root = table('root', { hosts: ['*'], http: [delegate('other')] });
    const found = { routes: ['d-root broken'], issues: ['DANGLING_REFERENCE root spec.http[0].delegate.routeTables'] };
    assert.deepEqual(shown(root), found);
    assert.deepEqual(shown(root, table('other', { hosts: ['a.example'], http: [go('x')] })), found);
  });

  it('answer 500 where tables delegate in a circle', () => {
    const root = table('root', { hosts: ['*'], http: [delegate('a')] });
    const [a, b] = [table('a', { http: [go('x'), delegate('b')] }), table('b', { http: [delegate('a')] })];
    assert.deepEqual(shown(root, a, b), {
      routes: ['x-a', 'd-b broken'],
      issues: ['UNTRANSLATABLE b spec.http[0].delegate.routeTables[0]'],
    });
  });

  it('answer 500 where tables delegate deeper than anybody reads', () => {
    const chain = Array.from({ length: 20 }, (_, i) => table(`t${i + 1}`, { http: [delegate(`t${i + 2}`)] }));
    const { issues } = shown(table('root', { hosts: ['*'], http: [delegate('t1')] }), ...chain);
    assert.deepEqual(issues, ['UNTRANSLATABLE t16 spec.http[0].delegate']);
  });

  it('are for workloads that have the labels of parent and child', () => {
    const select = (...all: Readonly<Record<string, string>>[]) => all.map((labels) => ({ selector: { labels } }));
    const root = table('root', { hosts: ['*'], workloadSelectors: select({ value: 'foo' }), http: [delegate('fine', 'wrong')] });
    const fine = table('fine', { workloadSelectors: select({ env: 'prod' }), http: [go('x')] });
    const wrong = table('wrong', { workloadSelectors: select({ value: 'bar' }), http: [go('y')] });
    const { routes, issues } = flatten(root, among([fine, wrong]));
    assert.deepEqual(
      routes.map(({ workloads, broken = false }) => ({ workloads, broken })),
      [
        { workloads: [{ value: 'foo', env: 'prod' }], broken: false },
        { workloads: [{ value: 'foo' }], broken: true },
      ],
    );
    assert.deepEqual(
      issues.map(({ object, field }) => `${object?.name} ${fieldText(field ?? [])}`),
      ['wrong spec.workloadSelectors'],
    );
  });
});

it('names of routes are unique, without insecure- in front', () => {
  assert.deepEqual(routeNames(['a', 'insecure-a', undefined, 'a', 'b']), ['a', 'duplicate-a-1', undefined, 'duplicate-a-2', 'b']);
});

it('destinations without a share divide what the others leave', () => {
  assert.deepEqual(sharesOf([undefined, undefined]), [50, 50]);
  assert.deepEqual(sharesOf([undefined, undefined, undefined]), [34, 33, 33]);
  assert.deepEqual(sharesOf([50, 25, undefined]), [50, 25, 25]);
  assert.deepEqual(sharesOf([90, 10]), [90, 10]);
});
