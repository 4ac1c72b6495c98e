import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { type Secret, SecretSchema } from '@sallyport/apis/tls';
import { createAuthority, newSigningRequest } from '../ca/index.ts';
import { fieldText, type ProxyNode } from '../model/index.ts';
import { generate } from '../pipeline/generate.ts';
import { proxyOfJson } from '../pipeline/proxies.ts';
import { entry, gateway, gatewayProxy, type Running, rule, server, start } from './gateways/testing/gateway.ts';

const authority = await createAuthority('cluster.local', Date.now);
assert.ok(!('fault' in authority));
const { keyPem, csrPem } = await newSigningRequest();
const identity = { trustDomain: 'cluster.local', namespace: 'edge', serviceAccount: 'gw' };
const signed = await authority.issue({ identity, csr: csrPem, lifetimeMs: 3600_000 });
assert.ok(!('fault' in signed));
const CHAIN = signed.chain;
const ROOTS = signed.roots;
const other = (await newSigningRequest()).keyPem;

const base64 = (text: string) => Buffer.from(text).toString('base64');

function secret(name: string, data: Readonly<Record<string, string>>, namespace = 'edge'): string {
  const lines = Object.entries(data).map(([key, text]) => `  ${key}: ${base64(text)}\n`);
  return `---\napiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: ${namespace}}\ntype: Opaque\ndata:\n${lines.join('')}`;
}
const tlsSecret = (name: string, namespace?: string) => secret(name, { 'tls.crt': CHAIN, 'tls.key': keyPem }, namespace);

function connected(running: Running, proxy: ProxyNode): void {
  running.pipeline.graph.commit((tx) => tx.set(running.pipeline.inputs.proxies, proxy.id, proxy));
}

/** The secrets that a proxy may have, by name, as Envoy reads them. */
function secretsOf({ pipeline }: Running, proxy: ProxyNode): Record<string, Secret> {
  const of = pipeline.scope.classOf.get(proxy.id)!.id;
  const { links, resources } = pipeline.envoy.tables.find(({ type }) => type === 'secret')!;
  const found = [...links.entries()].flatMap(([, link]) => {
    const resource = link.class === of ? resources.get(link.target) : undefined;
    return resource === undefined ? [] : [[link.name, fromBinary(SecretSchema, resource.bytes)] as const];
  });
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const said = ({ configuration }: Running) =>
  configuration
    .issues()
    .filter(({ code }) => code !== 'INEFFECTIVE')
    .map(({ code, severity, object, field }) => `${code} ${severity} ${object?.kind} ${fieldText(field ?? [])}`);

function served(text: string, proxy = gatewayProxy()): Running {
  const running = start();
  running.put('all.yaml', text);
  connected(running, proxy);
  assert.deepEqual([...running.pipeline.graph.failures.entries()], []);
  return running;
}

const https = (tls: string) => gateway('g', server(443, 'HTTPS', 'a.example', `tls: {${tls}}`));
const proxy = gatewayProxy();

describe('secrets of servers', () => {
  test('a certificate of type tls, with its key', () => {
    const running = served(https('mode: SIMPLE, credentialName: c') + tlsSecret('c'));
    const { 'kubernetes://c': found, ...others } = secretsOf(running, proxy);
    assert.deepEqual(others, {});
    assert.equal(found?.name, 'kubernetes://c');
    assert.ok(found.type.case === 'tlsCertificate');
    const { certificateChain, privateKey } = found.type.value;
    assert.equal(Buffer.from(certificateChain!.specifier.value as Uint8Array).toString(), CHAIN);
    assert.match(Buffer.from(privateKey!.specifier.value as Uint8Array).toString(), /^-----BEGIN PRIVATE KEY-----/);
    assert.deepEqual(said(running), []);
  });

  test('generic keys, plain text under stringData, roots beside the certificate', () => {
    const plain = (text: string) => JSON.stringify(text);
    const generic = `---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: edge}\nstringData: {cert: ${plain(CHAIN)}, key: ${plain(keyPem)}, cacert: ${plain(ROOTS)}}\n`;
    const running = served(https('mode: MUTUAL, credentialName: c') + generic);
    assert.deepEqual(
      Object.values(secretsOf(running, proxy)).map(({ name, type }) => `${name} ${type.case}`),
      ['kubernetes://c tlsCertificate', 'kubernetes://c-cacert validationContext'],
    );
    assert.deepEqual(said(running), []);
  });

  test('roots in a companion come before roots beside the certificate', () => {
    const text =
      https('mode: MUTUAL, credentialName: c') + secret('c', { 'tls.crt': CHAIN, 'tls.key': keyPem, 'ca.crt': 'no roots' });
    assert.deepEqual(said(served(text)), ['INVALID_VALUE error Gateway spec.servers[0].tls.credentialName']);
    const running = served(text + secret('c-cacert', { cacert: ROOTS }));
    assert.deepEqual(Object.keys(secretsOf(running, proxy)), ['kubernetes://c', 'kubernetes://c-cacert']);
    assert.deepEqual(said(running), []);
  });

  test('only what the proxy is configured with, and only of its own namespace', () => {
    const text = https('mode: SIMPLE, credentialName: c') + tlsSecret('c', 'shop') + tlsSecret('unused');
    const running = served(text);
    assert.deepEqual(secretsOf(running, proxy), {});
    assert.deepEqual(said(running), ['DANGLING_REFERENCE warning Gateway spec.servers[0].tls.credentialName']);
    const named = served(https('mode: SIMPLE, credentialName: "kubernetes://shop/c"') + tlsSecret('c', 'shop'));
    assert.deepEqual(secretsOf(named, proxy), {});
    assert.match(
      named.configuration
        .issues()
        .map(({ message }) => message)
        .join(),
      /not given to proxies of namespace edge/,
    );
    const sidecar = proxyOfJson({ namespace: 'edge', name: 'app' }).value!;
    connected(running, sidecar);
    assert.deepEqual(secretsOf(running, sidecar), {});
  });

  test('a secret that comes later ends the finding, one that goes brings it back', () => {
    const running = served(https('mode: SIMPLE, credentialName: c'));
    const missing = ['DANGLING_REFERENCE warning Gateway spec.servers[0].tls.credentialName'];
    assert.deepEqual(said(running), missing);
    running.put('secret.yaml', tlsSecret('c'));
    assert.deepEqual(said(running), []);
    assert.deepEqual(Object.keys(secretsOf(running, proxy)), ['kubernetes://c']);
    running.put('secret.yaml', undefined);
    assert.deepEqual(said(running), missing);
  });

  test('what cannot be used is told in words that say nothing of it', () => {
    const words = (text: string) => served(https('mode: SIMPLE, credentialName: c') + text).configuration.issues();
    const messages = [
      ...words(secret('c', { 'tls.crt': CHAIN })),
      ...words(secret('c', { 'tls.crt': CHAIN, 'tls.key': other })),
      ...words(secret('c', { 'tls.crt': 'hunter2', 'tls.key': 'hunter2' })),
      ...words(
        '---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: edge}\ndata: {tls.key: "hunter2!", tls.crt: 17171717}\n',
      ),
      ...words(
        '---\napiVersion: v1\nkind: Secret\nmetadata: {name: c, namespace: edge}\nstringData: {tls.key: hunter2, tls.crt: yes, a: 17171717}\n',
      ),
    ];
    const text = JSON.stringify(messages);
    assert.match(text, /has neither tls.crt and tls.key nor cert and key/);
    assert.match(text, /the private key is not that of the certificate/);
    assert.match(text, /there is no certificate in PEM/);
    assert.match(text, /the value of `tls.key` is no base64/);
    assert.doesNotMatch(text, /hunter2|17171717|PRIVATE KEY/);
  });
});

describe('secrets of rules', () => {
  const tls = (mode: string, more = '') => `trafficPolicy: {tls: {mode: ${mode}, credentialName: client, sni: x.example${more}}}`;
  const client = secret('client', { 'tls.crt': CHAIN, 'tls.key': keyPem, 'ca.crt': ROOTS });

  test('MUTUAL at a gateway has a certificate and roots, SIMPLE roots only, unverified none', () => {
    const names = (policy: string) =>
      Object.keys(secretsOf(served(entry('x.example') + rule('r', `{host: x.example, ${policy}}`) + client), proxy));
    assert.deepEqual(names(tls('MUTUAL')), ['kubernetes://client', 'kubernetes://client-cacert']);
    assert.deepEqual(names(tls('SIMPLE')), ['kubernetes://client-cacert']);
    assert.deepEqual(names(tls('MUTUAL', ', insecureSkipVerify: true')), ['kubernetes://client']);
  });

  test('a sidecar has them if the rule selects it', () => {
    const app = proxyOfJson({ namespace: 'shop', name: 'app', labels: { app: 'web' } }).value!;
    const own = secret('client', { 'ca.crt': ROOTS }, 'shop');
    const selected = served(
      entry('x.example') + rule('r', `{host: x.example, workloadSelector: {matchLabels: {app: web}}, ${tls('SIMPLE')}}`) + own,
      app,
    );
    assert.deepEqual(Object.keys(secretsOf(selected, app)), ['kubernetes://client-cacert']);
    const unselected = served(entry('x.example') + rule('r', `{host: x.example, ${tls('SIMPLE')}}`) + own, app);
    assert.deepEqual(secretsOf(unselected, app), {});
  });

  test('roots may be a ConfigMap, which every proxy that the rule is for gets', () => {
    const map = `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: roots, namespace: shop}\ndata: {ca.crt: ${JSON.stringify(ROOTS)}}\n`;
    const policy = 'trafficPolicy: {tls: {mode: SIMPLE, sni: x.example, credentialName: "configmap://shop/roots"}}';
    const text = entry('x.example') + rule('r', `{host: x.example, ${policy}}`);
    const app = proxyOfJson({ namespace: 'pay', name: 'app' }).value!;
    assert.deepEqual(Object.keys(secretsOf(served(text + map, app), app)), ['configmap://shop/roots-cacert']);
    assert.deepEqual(said(served(text, app)), [
      'DANGLING_REFERENCE warning DestinationRule spec.trafficPolicy.tls.credentialName',
    ]);
  });
});

test('nothing of a secret is in what is generated', () => {
  const running = served(https('mode: SIMPLE, credentialName: c') + tlsSecret('c'));
  const printed = JSON.stringify(generate(running.pipeline, proxy));
  assert.doesNotMatch(printed, /PRIVATE|BEGIN CERTIFICATE/);
  assert.ok(!printed.includes(base64(keyPem)) && !printed.includes(base64(CHAIN)));
  assert.match(printed, /kubernetes:\/\/c/);
});
