import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SidecarObject, SidecarSpec } from '../model/index.ts';
import { aProxy, aSidecar, settle, type World } from './testing/rows.ts';

const web = aProxy({ namespace: 'shop', labels: { app: 'web' } });

function scopeWith(world: World) {
  const { outputs } = settle({ proxies: [web], ...world });
  const [scope] = [...outputs.scopes.entries()].map(([, row]) => row);
  return scope;
}
const chosen = (...sidecars: SidecarObject[]) => {
  const key = scopeWith({ sidecars })?.sidecar;
  return key && `${key.namespace}/${key.name}`;
};
const all: SidecarSpec = { egress: [{ hosts: ['*/*'] }] };
const forApp = (app: string): SidecarSpec => ({ ...all, workloadSelector: { labels: { app } } });

test('a Sidecar with a matching selector comes before one without, the oldest first', () => {
  const general = aSidecar('shop', 'general', all, 0);
  assert.equal(chosen(general, aSidecar('shop', 'web', forApp('web'), 5)), 'shop/web');
  assert.equal(chosen(aSidecar('shop', 'young', forApp('web'), 6), aSidecar('shop', 'old', forApp('web'), 5)), 'shop/old');
  assert.equal(chosen(general, aSidecar('shop', 'batch', forApp('batch'), 0)), 'shop/general');
});

test('an empty selector is a selector and matches everything', () => {
  const empty = aSidecar('shop', 'empty', { ...all, workloadSelector: {} }, 9);
  assert.equal(chosen(aSidecar('shop', 'general', all, 0), empty), 'shop/empty');
});

test('of several without a selector the oldest applies, and at the same age the first by name', () => {
  assert.equal(chosen(aSidecar('shop', 'a', all, 2), aSidecar('shop', 'b', all, 1)), 'shop/b');
  assert.equal(chosen(aSidecar('shop', 'b', all, 1), aSidecar('shop', 'a', all, 1)), 'shop/a');
});

test('the root namespace gives the default, unless it has a selector or the namespace has its own', () => {
  const root = aSidecar('istio-system', 'root', all);
  assert.equal(chosen(root), 'istio-system/root');
  assert.equal(chosen(root, aSidecar('shop', 'own', all)), 'shop/own');
  assert.equal(chosen(aSidecar('istio-system', 'root', forApp('web'))), undefined);
});

test('without a Sidecar, and for a Sidecar without egress, everything is imported', () => {
  assert.deepEqual(scopeWith({})?.egress, [{ hosts: ['*/*'] }]);
  assert.deepEqual(scopeWith({ sidecars: [aSidecar('shop', 's', { ingress: [] })] })?.egress, [{ hosts: ['*/*'] }]);
});

test('routers have no Sidecar', () => {
  const proxies = [aProxy({ type: 'router', namespace: 'shop' })];
  const scope = scopeWith({
    proxies,
    sidecars: [aSidecar('shop', 's', { ...all, outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } })],
  });
  assert.deepEqual([scope?.sidecar, scope?.outboundPolicy], [undefined, { mode: 'ALLOW_ANY' }]);
});

test('a policy in the Sidecar replaces that of the mesh, and an empty one means REGISTRY_ONLY', () => {
  const policy = (outboundTrafficPolicy: SidecarSpec['outboundTrafficPolicy']) =>
    scopeWith({ sidecars: [aSidecar('shop', 's', { ...all, ...(outboundTrafficPolicy && { outboundTrafficPolicy }) })] })
      ?.outboundPolicy;
  assert.deepEqual(policy(undefined), { mode: 'ALLOW_ANY' });
  assert.deepEqual(policy({}), { mode: 'REGISTRY_ONLY' });
  const egressProxy = { host: 'gw.example', port: { number: 443 } };
  assert.deepEqual(policy({ mode: 'ALLOW_ANY', egressProxy }), { mode: 'ALLOW_ANY', egressProxy });
  assert.deepEqual(scopeWith({ mesh: { outboundTrafficPolicy: {} } })?.outboundPolicy, { mode: 'REGISTRY_ONLY' });
});
