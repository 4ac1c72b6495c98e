import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { load } from 'js-yaml';
import { sallyport } from './testing/sallyport.ts';

const TEXT_001 = join(import.meta.dirname, '../../../../examples/texts/001');
const VIRTUAL_MESH = `apiVersion: networking.mesh.gloo.solo.io/v1
kind: VirtualMesh
metadata: {name: bookinfo-federation, namespace: default}
spec:
  meshes: [{name: istiod-istio-system-mgmt-cluster, namespace: gloo-mesh}]
`;
const DESTINATION = `apiVersion: discovery.mesh.gloo.solo.io/v1
kind: Destination
metadata:
  name: stripe
  namespace: shop
spec:
  externalService:
    name: stripe
    hosts: [api.stripe.com]
    ports:
      - {number: 80, name: http, protocol: http}
`;

describe('sallyport translate', () => {
  let folder: string;
  const path = (name: string) => join(folder, name);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'translate-'));
    await writeFile(path('mesh.yaml'), VIRTUAL_MESH);
    await writeFile(path('stripe.yaml'), DESTINATION);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('prints for the Destination of text 001 the ServiceEntry that text 001 shows', async () => {
    const { code, out } = await sallyport(['translate', '-f', join(TEXT_001, '01-destination.yaml'), '-f', path('mesh.yaml')]);
    assert.equal(code, 0);
    assert.deepEqual(load(out), load(await readFile(join(TEXT_001, '03-generated-service-entry.yaml'), 'utf8')));
    assert.match(out, /^# Destination default\/my-ext-service-tt \(.*01-destination\.yaml:1\)\n/);
    assert.doesNotMatch(out.replace(/^#.*\n/, ''), /my-ext-service-tt/, 'the origin is a comment, never part of the object');
  });

  test('takes the cluster’s name, that inside virtual addresses, and the release of v1', async () => {
    const golden = join(import.meta.dirname, '../translate/testdata/forumsystems-ldap');
    const options = ['--cluster', 'cluster1', '--vip-cluster-name', 'cluster1', '--gloo-v1', '1.2'];
    const { code, out } = await sallyport(['translate', '-f', `${golden}.in.yaml`, ...options]);
    assert.equal(code, 0);
    assert.deepEqual(load(out), load(await readFile(`${golden}.out.yaml`, 'utf8')));
    assert.equal((await sallyport(['translate', '-f', `${golden}.in.yaml`, '--gloo-v1', '2.0'])).code, 2);
  });

  test('--explain names for each field the Gloo field it came from, with file and line', async () => {
    const { out } = await sallyport(['translate', '-f', path('stripe.yaml'), '--explain']);
    assert.match(out, /^ServiceEntry istio-system\/stripe from Destination shop\/stripe$/m);
    assert.match(out, /^ {2}spec\.hosts +← spec\.externalService\.hosts +.*stripe\.yaml:9$/m);
    assert.match(out, /^ {2}spec\.ports\[0\]\.protocol +← spec\.externalService\.ports\[0\]\.protocol +.*stripe\.yaml:11$/m);
  });

  test('-o json has the objects, their fields and the findings', async () => {
    const { out } = await sallyport(['translate', '-f', path('stripe.yaml'), '-f', path('mesh.yaml'), '-o', 'json']);
    const { objects, findings } = JSON.parse(out) as {
      objects: {
        manifest: { metadata: { name: string } };
        from: object;
        fields: { field: string; kind: string; line: number }[];
      }[];
      findings: { kind: string; code: string; line: number }[];
    };
    assert.deepEqual(
      objects.map(({ manifest }) => manifest.metadata.name),
      ['stripe'],
    );
    assert.deepEqual(objects[0]?.from, {
      kind: 'Destination',
      namespace: 'shop',
      name: 'stripe',
      file: path('stripe.yaml'),
      line: 1,
    });
    assert.ok(objects[0]?.fields.some(({ field, kind }) => field.startsWith('metadata.annotations') && kind === 'VirtualMesh'));
    assert.deepEqual(
      findings.map(({ code, kind, line }) => [code, kind, line]),
      [['TLS_NOT_DECLARED', 'Destination', 11]],
    );
  });

  test('what cannot be translated is told with place and field, and exits 1', async () => {
    await writeFile(
      path('bad.yaml'),
      DESTINATION.replace('protocol: http', 'protocol: SMTP').replace('api.stripe.com', '"api.$$' + '{HOST}"'),
    );
    const { code, out, err } = await sallyport(['translate', '-f', path('bad.yaml')]);
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.match(err, /bad\.yaml:9:\d+ error PLACEHOLDER `\$\{HOST\}` is a placeholder.*spec\.externalService\.hosts\[0\]/);
    assert.match(err, /bad\.yaml:11:\d+ error INVALID_VALUE "SMTP" is no protocol of an external service/);
  });

  test('explain names the Gloo object, its file and line', async () => {
    const { out } = await sallyport([
      'explain',
      'http://api.stripe.com/',
      '--from',
      'shop/web',
      '-f',
      path('stripe.yaml'),
      '-o',
      'json',
    ]);
    const { verdict, cluster, because } = JSON.parse(out) as { verdict: string; cluster: string; because: object[] };
    assert.deepEqual([verdict, cluster], ['allowed', 'outbound|80||api.stripe.com']);
    assert.deepEqual(because, [{ kind: 'Destination', namespace: 'shop', name: 'stripe', file: path('stripe.yaml'), line: 1 }]);
  });

  test('an object written by hand wins over a translated one of the same name, and that is said of the Gloo object', async () => {
    await writeFile(
      path('hand.yaml'),
      'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: stripe, namespace: istio-system}\nspec:\n  hosts: [by-hand.example]\n  resolution: DNS\n  ports: [{number: 80, name: http, protocol: HTTP}]\n',
    );
    const { code, out, err } = await sallyport(['translate', '-f', path('stripe.yaml'), '-f', path('hand.yaml')]);
    assert.equal(code, 0);
    assert.equal(out, '');
    assert.match(
      err,
      /stripe\.yaml:1:1 warning DUPLICATE_OBJECT .*hand\.yaml:1:1, and that one counts.*\(Destination\/shop\/stripe\)/,
    );
  });
});
