import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { indexOf } from './testing/resources.ts';
import { chooseVirtualHost } from './virtual-host.ts';

type Hosts = Readonly<Record<string, readonly string[]>>;

function configOf(hosts: Hosts, ignorePortInHostMatching = true) {
  const virtualHosts = Object.entries(hosts).map(([name, domains]) => ({ name, domains: [...domains] }));
  return indexOf({ routes: [{ name: '80', ignorePortInHostMatching, virtualHosts }] }).routes.get('80')!;
}

function check(hosts: Hosts, host: string, expected: string | undefined, ignorePort = true): void {
  assert.equal(chooseVirtualHost(configOf(hosts, ignorePort), host).found?.virtualHost.name, expected);
}

const HOSTS: Hosts = {
  exact: ['a.b.example', '192.0.2.1', '[2001:db8::1]'],
  near: ['*.b.example'],
  far: ['*.example'],
  odd: ['*-x.example'],
  prefix: ['a.*'],
  longer: ['a.b.*'],
  any: ['*'],
};

test('exact before the longest suffix, this before the longest prefix, this before everything', () => {
  check(HOSTS, 'a.b.example', 'exact');
  check(HOSTS, 'c.b.example', 'near');
  check(HOSTS, 'c.d.b.example', 'near');
  check(HOSTS, 'b.example', 'far');
  check(HOSTS, 'a.c.example', 'far');
  check(HOSTS, 'y-x.example', 'odd');
  check(HOSTS, 'a.c.test', 'prefix');
  check(HOSTS, 'a.b.test', 'longer');
  check(HOSTS, 'c.test', 'any');
  check(HOSTS, '', 'any');
  check({ a: ['a.example'] }, 'b.example', undefined);
});

test('the star stands for at least one character', () => {
  check({ far: ['*.example'] }, '.example', undefined);
  check({ odd: ['*a'] }, 'a', undefined);
  check({ prefix: ['a.*'] }, 'a.', undefined);
});

test('case does not matter, on either side', () => {
  check({ a: ['A.example'] }, 'a.EXAMPLE', 'a');
  check({ a: ['*.Example'] }, 'b.eXample', 'a');
});

test('the port counts unless the configuration ignores it', () => {
  check(HOSTS, 'a.b.example:8080', 'exact');
  check(HOSTS, '[2001:db8::1]:80', 'exact');
  check(HOSTS, '[2001:db8::1]', 'exact');
  check({ a: ['a.example'], b: ['a.example:80'] }, 'a.example:80', 'b', false);
  check({ a: ['a.example'] }, 'a.example:80', undefined, false);
});

const part = fc.stringMatching(/^[ab]{1,3}$/);
const host = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
const domain = fc.oneof(
  host,
  host.map((h) => `*.${h}`),
  host.map((h) => `*${h}`),
  host.map((h) => `${h}.*`),
);
const anyHosts = fc
  .uniqueArray(domain, { maxLength: 12 })
  .map((domains) => Object.fromEntries(domains.map((d) => [`of ${d}`, [d]])));
const find = (hosts: Hosts, name: string) => chooseVirtualHost(configOf(hosts), name).found?.virtualHost.name;

test('the order of virtual hosts does not matter, nor does one for another host', () => {
  fc.assert(
    fc.property(anyHosts, host, (hosts, name) => {
      const found = find(hosts, name);
      assert.equal(find(Object.fromEntries(Object.entries(hosts).reverse()), name), found);
      assert.equal(find({ unrelated: ['unrelated.test', '*.unrelated.test', 'unrelated.*'], ...hosts }, name), found);
    }),
  );
});

test('the choice is the one of the plain rule, tried domain by domain', () => {
  const rank = (d: string, name: string): number => {
    if (d === name) return 3_000;
    if (d.startsWith('*') && name.endsWith(d.slice(1)) && name.length >= d.length) return 2_000 + d.length;
    if (d.endsWith('*') && name.startsWith(d.slice(0, -1)) && name.length >= d.length) return 1_000 + d.length;
    return 0;
  };
  fc.assert(
    fc.property(anyHosts, host, (hosts, name) => {
      const best = Object.entries(hosts)
        .map(([label, [d]]) => [rank(d!, name), label] as const)
        .filter(([r]) => r > 0)
        .sort(([a], [b]) => b - a)[0];
      assert.equal(find(hosts, name), best?.[1]);
    }),
  );
});
