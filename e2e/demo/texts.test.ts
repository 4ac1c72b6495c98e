import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../lab/environment.ts';
import { TEXTS } from './steps/index.ts';

/** First half of the SHA-256 of each printed block, taken from the texts. */
const PRINTED: Readonly<Record<string, string>> = {
  '000/01-external-api-service-entry.yaml': 'ed3d81a71df594f89a2de6bba808c4e2',
  '000/02-external-api-virtual-service.yaml': '17658689d8aa91ea1fd181576a978791',
  '001/01-destination.yaml': 'cc12badf685e4332a4844fd715a5bf61',
  '001/02-external-service-block.yaml': 'ef8e6c3da49b21c407114c4509600757',
  '001/03-generated-service-entry.yaml': 'f7cc90c7c8c2308a04b7d8fdb33f24e7',
  '002/03-backend-virtual-service.yaml': 'a761d040111f65973c0e5cd2eea0c571',
  '002/04-calcbackend-rule.yaml': 'c406cf7d04036401a16830607f104536',
  '002/05-egress-deployment.yaml': 'e36a6618266dba6fea75b198a5508ef9',
  '002/07-calcbackend-rule-v4.yaml': 'a5c1ffedcdc5ea2be695444b86fefa41',
  '002/08-backend-virtual-service-50-50.yaml': 'f368ce9f71aac0294754ce4e0cce571d',
  '002/09-httpbin-ext.yaml': '09b14249fa0aeacdce812984dac45d9f',
  '003/01-external-svc.yaml': '513579a11f038ffbd49593d7d5b2b52f',
  '003/02-customers-vms.yaml': '9bc71bef7ba114d1ce62a78b6a474fa3',
  '003/04-customers-svc.yaml': 'c00e9c2c77fedcf177114afafc9a1c94',
  '004/01-route-table-on-one-line.yaml': '4ca45862158b521d6cdf01a3770ab4a6',
};
const EXAMPLES = join(ROOT, 'examples');

test('what the texts print is kept octet for octet, mistakes included', () => {
  for (const [file, hash] of Object.entries(PRINTED)) {
    const found = createHash('sha256')
      .update(readFileSync(join(EXAMPLES, 'texts', file)))
      .digest('hex')
      .slice(0, 32);
    assert.equal(found, hash, file);
  }
});

test('every file is explained in the README and used by a step, and every step finds its files', () => {
  const readme = readFileSync(join(EXAMPLES, 'texts', 'README.md'), 'utf8');
  const used = new Set(
    TEXTS.flatMap(({ steps }) =>
      steps.flatMap((step) => [
        ...('files' in step ? (step.files ?? []) : []),
        ...(step.kind === 'translate' ? [step.expect.printed] : []),
      ]),
    ),
  );
  for (const file of used) assert.ok(existsSync(join(EXAMPLES, file)), file);
  for (const { id } of TEXTS) {
    for (const name of readdirSync(join(EXAMPLES, 'texts', id))) {
      assert.ok(used.has(`texts/${id}/${name}`), `no step uses ${id}/${name}`);
      assert.ok(readme.includes(`\`${name}\``), `the README says nothing of ${id}/${name}`);
    }
  }
});
