import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { decode, encode } from 'dns-packet';
import { type Resolver, startResolver } from 'sallyport/agent/resolver/index.ts';
import { NameTable } from 'sallyport/agent/resolver/name-table.ts';

const run = promisify(execFile);
const External = (...ips: string[]) => ({ registry: 'External', ips });
const MANY = Array.from({ length: 100 }, (_, i) => `10.7.0.${i}`);

/** What clients that other people wrote make of the agent's DNS server: dig (BIND) and kdig (Knot). */
describe('dig and kdig', () => {
  const upstream = createSocket('udp4');
  const asked: string[] = [];
  const table = new NameTable({ namespace: 'shop', domain: 'shop.svc.cluster.local' }, 'shop.svc.cluster.local');
  let resolver: Resolver;
  let at: readonly string[];

  before(async () => {
    table.put('api.example.com', External('240.240.0.1', '2001:2::1'));
    table.put('four.example.com', External('240.240.0.4'));
    table.put('*.saas.example.com', External('240.240.0.9'));
    table.put('big.example.com', External(...MANY));
    table.ready = true;
    upstream.on('message', (message, from) => upstream.send(said(message), from.port, from.address));
    await new Promise<void>((resolve) => upstream.bind(0, '127.0.0.1', resolve));
    const servers = [{ address: '127.0.0.1', port: upstream.address().port }];
    resolver = await startResolver({
      listen: [{ address: '127.0.0.1', port: 0 }],
      names: table,
      upstream: { kind: 'servers', servers },
    });
    const [listening] = resolver.listening;
    at = ['@127.0.0.1', '-p', String(listening !== undefined && 'port' in listening ? listening.port : 0)];
  });
  after(async () => {
    await resolver?.close();
    upstream.close();
  });

  /** Knows one name; everything else does not exist, for as long as the SOA says. */
  function said(message: Buffer): Buffer {
    const query = decode(message);
    const [question] = query.questions ?? [];
    const options = query.additionals?.flatMap((record) => (record.type === 'OPT' ? (record.options as unknown[]) : [])) ?? [];
    asked.push(`${question?.name.toLowerCase()} ${question?.type} ${options.length} options`);
    const head = { id: query.id ?? 0, type: 'response' as const, questions: query.questions ?? [] };
    if (question?.name.toLowerCase() === 'far.example') {
      return encode({ ...head, answers: [{ type: 'A', name: question.name, ttl: 60, data: '192.0.2.7' }] });
    }
    const data = { mname: 'ns.example', rname: 'root.example', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 60 };
    return encode({ ...head, flags: 3, authorities: [{ type: 'SOA', name: 'example', ttl: 60, data }] });
  }

  const dig = async (...args: string[]): Promise<string> =>
    (await run('dig', [...at, '+tries=1', '+timeout=5', ...args]).catch((error: { stdout: string }) => error)).stdout;
  const kdig = async (...args: string[]): Promise<string> =>
    (await run('kdig', [...at, '+retry=0', '+timeout=5', ...args]).catch((error: { stdout: string }) => error)).stdout;
  /** One after the other: asked at once, without EDNS and with it, a name is asked for twice. */
  const both = async (args: readonly string[]) => [await dig(...args), await kdig(...args)];

  test('get both families of a name of the table, with authority and the time to live of Istio', async () => {
    for (const text of await both(['api.example.com', 'A'])) {
      assert.match(text, /status: NOERROR/);
      assert.match(text, /flags: qr aa rd ra/i);
      assert.match(text, /^api\.example\.com\.\s+30\s+IN\s+A\s+240\.240\.0\.1$/m);
    }
    for (const text of await both(['api.example.com', 'AAAA'])) assert.match(text, /IN\s+AAAA\s+2001:2::1$/m);
  });

  test('get their spelling of a name back, letter by letter', async () => {
    // kdig writes every name in lower case before it asks.
    assert.match(await dig('ApI.eXaMpLe.CoM'), /^ApI\.eXaMpLe\.CoM\.\s+30\s+IN\s+A\s+240\.240\.0\.1$/m);
  });

  test('are told that a name has nothing of a type, and that a name is none, which are two things (RFC 2308 2)', async () => {
    for (const text of await both(['four.example.com', 'AAAA'])) {
      assert.match(text, /status: NOERROR/);
      assert.match(text, /ANSWER: 0/);
    }
    for (const text of await both(['nobody.example'])) {
      assert.match(text, /status: NXDOMAIN/);
      assert.match(text, /^example\.\s+\d+\s+IN\s+SOA\s+ns\.example\./m);
    }
    assert.equal(asked.filter((one) => one.startsWith('nobody.example A')).length, 1, 'and remember it');
  });

  test('find a wildcard under the name that they asked for', async () => {
    for (const text of await both(['eu.login.saas.example.com']))
      assert.match(text, /^eu\.login\.saas\.example\.com\.\s.*240\.240\.0\.9$/m);
  });

  test('are led by a CNAME from the search domain to the name that is meant', async () => {
    for (const text of await both(['api.example.com.shop.svc.cluster.local'])) {
      assert.match(text, /^api\.example\.com\.shop\.svc\.cluster\.local\.\s+30\s+IN\s+CNAME\s+api\.example\.com\.$/m);
      assert.match(text, /^api\.example\.com\.\s+30\s+IN\s+A\s+240\.240\.0\.1$/m);
    }
    const searched = await dig('+search', '+domain=shop.svc.cluster.local', '+ndots=5', '+short', 'api.example.com');
    assert.equal(searched, 'api.example.com.\n240.240.0.1\n');
  });

  test('get what fits into 512 octets and are told that there is more, and get it all over TCP or with EDNS (RFC 2181 9, RFC 7766 5)', async () => {
    const cut = await dig('+noedns', '+ignore', 'big.example.com');
    assert.match(cut, /flags: qr aa tc rd ra/);
    assert.ok(Number(/MSG SIZE\s+rcvd: (\d+)/.exec(cut)?.[1]) <= 512);
    const whole = (text: string) => assert.deepEqual(new Set(text.trim().split('\n')), new Set(MANY));
    whole(await dig('+noedns', '+short', 'big.example.com'));
    whole(await dig('+tcp', '+short', 'big.example.com'));
    whole(await dig('+bufsize=4096', '+ignore', '+short', 'big.example.com'));
    whole(await kdig('+short', 'big.example.com'));
    const little = await dig('+bufsize=700', '+ignore', 'big.example.com');
    assert.match(little, /flags: qr aa tc/);
    assert.ok(Number(/MSG SIZE\s+rcvd: (\d+)/.exec(little)?.[1]) <= 700);
  });

  test('ask several questions over one connection (RFC 7766 6.2.1)', async () => {
    const answers = await dig('+tcp', '+keepopen', '+short', 'api.example.com', 'four.example.com', 'far.example');
    assert.equal(answers, '240.240.0.1\n240.240.0.4\n192.0.2.7\n');
    assert.match(await kdig('+tcp', '+keepopen', 'api.example.com', 'far.example'), /240\.240\.0\.1[\s\S]*192\.0\.2\.7/);
  });

  test('are told the version of EDNS that is spoken when they speak another (RFC 6891 6.1.3)', async () => {
    const text = await dig('+edns=1', '+noednsnegotiation', 'api.example.com');
    assert.match(text, /status: BADVERS/);
    assert.match(text, /EDNS: version: 0/);
    // Left to itself dig takes the hint.
    assert.match(await dig('+edns=1', '+short', 'api.example.com'), /240\.240\.0\.1/);
  });

  test('see signatures asked for when they want them, and flags of EDNS that are unknown cleared (RFC 6891 6.1.4)', async () => {
    assert.match(await dig('+dnssec', 'api.example.com'), /EDNS: version: 0, flags: do;/);
    assert.match(await dig('+ednsflags=0x4000', 'api.example.com'), /EDNS: version: 0, flags:;/);
  });

  test('get one record in place of all (RFC 8482)', async () => {
    for (const text of await both(['+notcp', 'ANY', 'api.example.com'])) assert.match(text, /IN\s+HINFO\s+"RFC8482" ""/);
  });

  test('learn nothing of how else a name of ours is served (RFC 9460)', async () => {
    for (const text of await both(['TYPE65', 'api.example.com'])) {
      assert.match(text, /status: NOERROR/);
      assert.match(text, /ANSWER: 0/);
    }
  });

  test('are told what is not served: transfers, other classes, other operations', async () => {
    assert.match(await dig('AXFR', 'example.com'), /Transfer failed/);
    assert.match(await dig('-c', 'CH', 'TXT', 'version.bind'), /status: NOTIMP/);
    assert.match(await dig('+opcode=STATUS', 'api.example.com'), /status: NOTIMP/);
    assert.match(await dig('+header-only'), /status: FORMERR/);
  });

  test('are refused recursion that they do not ask for, and told why (RFC 8914)', async () => {
    assert.match(await dig('+norecurse', 'never-asked.example'), /status: REFUSED[\s\S]*EDE: 21 \(Not Supported\)/);
    assert.ok(!asked.some((one) => one.startsWith('never-asked')));
  });

  test('do not have their network and their cookies passed on (RFC 7871 11.1)', async () => {
    await dig('+subnet=203.0.113.0/24', 'private.example');
    await kdig('+subnet=203.0.113.0/24', '+padding=128', 'private2.example');
    assert.deepEqual(
      asked.filter((one) => one.startsWith('private')),
      ['private.example A 0 options', 'private2.example A 0 options'],
    );
  });

  test('are told to come again while no table is there', async () => {
    table.ready = false;
    try {
      const text = await dig('api.example.com');
      assert.match(text, /status: SERVFAIL[\s\S]*EDE: 14 \(Not Ready\)/);
    } finally {
      table.ready = true;
    }
  });
});
