import { agrees, callOf, walk } from 'sallyport/explain/index.ts';
import { type CallItem, testFileOf } from 'sallyport/pipeline/test-file.ts';
import { readVectors } from '../conformance/vectors.ts';
import type { Outcome } from './expected.ts';
import { settingsOf, type Trial, wayOf } from './trial.ts';

/** Every call of the scenarios, with what istiod's resources lead to as outcomes. */
export function* vectorTrials(): Generator<Trial> {
  for (const { file, content } of readVectors<unknown>('scenarios')) {
    const { value, issues } = testFileOf(content, file.replace(/\.json$/, ''));
    if (value === undefined) throw new Error(`${file} is refused: ${JSON.stringify(issues)}`);
    for (const scenario of value.scenarios) {
      const proxies = scenario.runs.map(({ proxy }, run) => ({ name: `${scenario.id}${run}`, proxy }));
      for (const [run, setting] of settingsOf(scenario.vector, proxies).entries()) {
        for (const [i, item] of scenario.runs[run]!.items.entries()) {
          if (item.kind !== 'call') continue;
          const call = callOf(item.call).value!;
          const { steps: _steps, ...walked } = walk(setting.index, call);
          const outcomes = isOurs(item, walked) ? [item.expect as unknown as Outcome, ...(item.alternatives as unknown as Outcome[])] : [walked];
          yield { id: `${setting.name}/${i}`, setting, call, way: wayOf(setting, call), outcomes };
        }
      }
    }
  }
}

/**
 * Whether the expectation holds for this proxy, which shows and checks no certificates: those of its own workload are the
 * one thing that the laboratory's proxies have not and the measured ones had. Otherwise the walker's word counts.
 */
function isOurs(item: CallItem, walked: Outcome): boolean {
  const { gate1 } = agrees(item.expect, item.alternatives, walked);
  return gate1.every((field) => field === 'detail.upstreams');
}
