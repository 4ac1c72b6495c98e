import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { testFileOf } from 'sallyport/pipeline/test-file.ts';
import { openVector } from 'sallyport/pipeline/vector.ts';
import { readVectors } from './conformance/vectors.ts';
import { startVectorEnvoy, type VectorEnvoy } from './testing/vector-envoy.ts';

let envoy: VectorEnvoy;
before(async () => {
  envoy = await startVectorEnvoy();
});
after(() => envoy.close());

for (const folder of ['simulation', 'scenarios']) {
  it(`a real Envoy accepts what is made for every run of ${folder}, and becomes LIVE with it`, async (t) => {
    const wrong: string[] = [];
    let runs = 0;
    for (const { file, content } of readVectors<unknown>(folder)) {
      const { value, issues } = testFileOf(content, file.replace(/\.json(\.gz)?$/, ''));
      assert.ok(value, issues.map((issue) => issue.message).join('; '));
      for (const scenario of value.scenarios) {
        const opened = openVector(scenario.vector);
        for (const [run, { proxy }] of scenario.runs.entries()) {
          const resources = opened.generate(proxy).value;
          assert.ok(resources, `${scenario.id}${run}: the proxy is refused`);
          runs += 1;
          if (process.env['TRACE']) console.log(scenario.id, run);
          const { nacks, isLive, warming } = await envoy.take(resources);
          if (nacks.length > 0 || !isLive || warming !== 0) {
            wrong.push(
              `${scenario.id}${run}: ${isLive ? 'LIVE' : 'not LIVE'}, ${warming} warming, ${nacks.map((n) => `${n.type} ${n.name}: ${n.detail}`).join('; ')}`,
            );
          }
        }
      }
    }
    t.diagnostic(`${runs} resource sets, ${wrong.length} not accepted`);
    assert.deepEqual(wrong, []);
  });
}
