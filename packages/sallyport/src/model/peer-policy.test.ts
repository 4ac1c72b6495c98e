import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PeerMode, type PeerPolicies, type PeerPolicy, peerRulings, rulingAt } from './peer-policy.ts';

function policy(name: string, mode?: PeerMode, more: Partial<PeerPolicy> = {}): PeerPolicy {
  const key = { kind: 'PeerAuthentication', namespace: 'shop', name };
  return { key, selector: {}, ports: {}, ...(mode !== undefined && { mode }), ...more };
}
const general = (mode?: PeerMode): PeerPolicies => ({ namespace: 'shop', general: policy('g', mode), selected: [] });
const web = { app: 'web' };

test('nobody asks for anything: both are taken', () => {
  assert.deepEqual(peerRulings(undefined, undefined, web), { mode: 'PERMISSIVE', ports: {} });
});

test('the nearer level wins, unless it leaves the mode open', () => {
  assert.equal(peerRulings(general('STRICT'), general('DISABLE'), web).mode, 'DISABLE');
  assert.equal(peerRulings(general('STRICT'), general(), web).mode, 'STRICT');
  const own = { ...general('DISABLE'), selected: [policy('w', 'STRICT', { selector: web })] };
  assert.equal(peerRulings(undefined, own, web).mode, 'STRICT');
  assert.equal(peerRulings(undefined, own, { app: 'batch' }).mode, 'DISABLE');
  const open = { ...general('DISABLE'), selected: [policy('w', undefined, { selector: web, ports: { 80: 'STRICT' } })] };
  assert.deepEqual(peerRulings(undefined, open, web).mode, 'DISABLE');
});

test('who decided is told', () => {
  assert.equal(peerRulings(general('STRICT'), general(), web).by?.name, 'g');
});

test('ports are those of the oldest policy that selects the workload, and of no other', () => {
  const older = policy('older', 'STRICT', { selector: web, ports: { 80: 'DISABLE', 81: 'UNSET' } });
  const younger = policy('younger', 'DISABLE', { selector: web, ports: { 82: 'DISABLE' } });
  const rulings = peerRulings(undefined, { namespace: 'shop', selected: [older, younger] }, web);
  assert.deepEqual(
    [80, 81, 82, 83].map((port) => rulingAt(rulings, port).mode),
    ['DISABLE', 'STRICT', 'STRICT', 'STRICT'],
  );
});

test('clients see no policy of single workloads', () => {
  const own = { ...general('PERMISSIVE'), selected: [policy('w', 'DISABLE')] };
  assert.equal(peerRulings(undefined, own).mode, 'PERMISSIVE');
});
