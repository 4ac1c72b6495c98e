import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule } from '../model/index.ts';
import { effectivePolicy } from './cluster-policy.ts';
import { ruleWith } from './testing/cluster-rows.ts';

const pool = (maxConnections: number) => ({ tcp: { maxConnections } });
const outlier = { consecutive5xxErrors: 5 };
const policyOf = (rule: Partial<Rule>, subset = '', port = 80, mesh = {}) => effectivePolicy(ruleWith(rule), subset, port, mesh);

test('port settings replace the whole policy of the destination', () => {
  const trafficPolicy = {
    connectionPool: pool(1),
    proxyProtocol: {},
    retryBudget: { percent: 1 },
    portLevelSettings: [{ port: { number: 80 }, outlierDetection: outlier }],
  };
  assert.deepEqual(policyOf({ trafficPolicy }), { outlierDetection: outlier });
  const { portLevelSettings: _, ...top } = trafficPolicy;
  assert.deepEqual(policyOf({ trafficPolicy }, '', 81), top);
});

test('a subset overrides block by block', () => {
  const trafficPolicy = { connectionPool: pool(1), outlierDetection: outlier, retryBudget: { percent: 1 } };
  const subsets = [{ name: 'v1', trafficPolicy: { connectionPool: pool(2), tls: { mode: 'SIMPLE' as const } } }];
  assert.deepEqual(policyOf({ trafficPolicy, subsets }, 'v1'), {
    connectionPool: pool(2),
    outlierDetection: outlier,
    retryBudget: { percent: 1 },
    tls: { mode: 'SIMPLE' },
  });
  assert.deepEqual(policyOf({ trafficPolicy, subsets }, 'unknown'), trafficPolicy);
});

test('port settings of a subset replace the four blocks, also where they are unset, and nothing else', () => {
  const trafficPolicy = { connectionPool: pool(1), loadBalancer: { simple: 'RANDOM' as const }, retryBudget: { percent: 1 } };
  const portLevelSettings = [{ port: { number: 443 }, tls: { mode: 'SIMPLE' as const } }];
  const subsets = [{ name: 'v1', trafficPolicy: { outlierDetection: outlier, portLevelSettings } }];
  assert.deepEqual(policyOf({ trafficPolicy, subsets }, 'v1', 443), { retryBudget: { percent: 1 }, tls: { mode: 'SIMPLE' } });
  assert.deepEqual(policyOf({ trafficPolicy, subsets }, 'v1', 80), { ...trafficPolicy, outlierDetection: outlier });
});

test('the mesh’s defaults fill whole blocks that the destination leaves unset, for a port too, and none that a subset unsets', () => {
  const mesh = { defaultTrafficPolicy: { connectionPool: pool(9), outlierDetection: outlier } };
  assert.deepEqual(effectivePolicy(undefined, '', 80, mesh), mesh.defaultTrafficPolicy);
  const trafficPolicy = { connectionPool: { http: { maxRetries: 1 } } };
  assert.deepEqual(policyOf({ trafficPolicy }, '', 80, mesh), { ...trafficPolicy, outlierDetection: outlier });
  const ported = { portLevelSettings: [{ port: { number: 80 }, connectionPool: pool(1) }] };
  assert.deepEqual(policyOf({ trafficPolicy: ported }, '', 80, mesh), { connectionPool: pool(1), outlierDetection: outlier });
  const subsets = [{ name: 'v1', trafficPolicy: ported }];
  assert.deepEqual(policyOf({ subsets }, 'v1', 80, mesh), { connectionPool: pool(1) });
});
