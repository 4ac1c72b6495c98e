import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsOf, testRegistry } from './testing/registry.ts';

const policy = (namespace: string, name: string, spec: string) =>
  `---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;
const WEB = 'selector: {matchLabels: {app: web}}';

function build(...documents: string[]) {
  const registry = testRegistry();
  registry.write(documents.join(''));
  return registry;
}

test('the oldest policy without a selector is that of its namespace; those with one follow by age', () => {
  const registry = build(
    policy('shop', 'b', '{mtls: {mode: STRICT}}'),
    policy('shop', 'a', '{mtls: {mode: DISABLE}}'),
    policy('shop', 'z', `{${WEB}, portLevelMtls: {"8080": {mode: DISABLE}, "8081": {}}}`),
    policy('shop', 'c', `{${WEB}, mtls: {mode: UNSET}}`),
  );
  const [row] = rowsOf(registry.outputs.peers).map(([, value]) => value);
  assert.deepEqual([row?.general?.key.name, row?.general?.mode], ['b', 'STRICT']);
  assert.deepEqual(
    row?.selected.map(({ key, mode, ports }) => [key.name, mode, ports]),
    [
      ['z', undefined, { 8080: 'DISABLE', 8081: 'UNSET' }],
      ['c', undefined, {}],
    ],
  );
});

test('a selector without labels is none, and ports of such a policy mean nothing', () => {
  const registry = build(policy('shop', 'a', '{selector: {matchLabels: {}}, portLevelMtls: {"80": {mode: STRICT}}}'));
  assert.deepEqual(registry.outputs.peers.get('shop')?.general?.ports, {});
});

test('in the root namespace a selector has no effect, and its author is told', () => {
  const registry = build(policy('istio-system', 'a', `{${WEB}, mtls: {mode: STRICT}}`));
  assert.deepEqual(registry.outputs.peers.get('istio-system'), { namespace: 'istio-system', selected: [] });
  assert.deepEqual(
    registry.issues().map(({ code, object, field }) => [code, object?.name, field?.join('.')]),
    [['INEFFECTIVE', 'a', 'spec.selector']],
  );
});

test('a policy that an older one always beats is said to be shadowed', () => {
  const registry = build(
    policy('shop', 'first', '{mtls: {mode: STRICT}}'),
    policy('shop', 'second', '{mtls: {mode: DISABLE}}'),
    policy('shop', 'wide', `{${WEB}}`),
    policy('shop', 'narrow', '{selector: {matchLabels: {app: web, version: v1}}}'),
    policy('shop', 'other', '{selector: {matchLabels: {version: v1}}}'),
    policy('pay', 'alone', '{mtls: {mode: STRICT}}'),
  );
  assert.deepEqual(
    registry.issues().map(({ code, object }) => [code, object?.name]),
    [
      ['SHADOWED', 'narrow'],
      ['SHADOWED', 'second'],
    ],
  );
});

test('another root namespace makes its policy that of the mesh', () => {
  const registry = build(policy('config', 'a', `{${WEB}}`));
  assert.equal(registry.outputs.peers.get('config')?.selected.length, 1);
  registry.setMesh({ rootNamespace: 'config' });
  assert.equal(registry.outputs.peers.get('config')?.selected.length, 0);
});

test('the last policy of a namespace takes its row along', () => {
  const registry = build(policy('shop', 'a', '{mtls: {mode: STRICT}}'));
  registry.remove({ key: { kind: 'PeerAuthentication', namespace: 'shop', name: 'a' } });
  assert.equal(registry.outputs.peers.size, 0);
});
