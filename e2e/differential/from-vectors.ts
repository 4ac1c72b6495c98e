import { agrees, callOf, type Expectation, walk } from 'sallyport/explain/index.ts';
import { type CallItem, testFileOf } from 'sallyport/pipeline/test-file.ts';
import { readDifferences } from '../conformance/differences.ts';
import { readVectors } from '../conformance/vectors.ts';
import type { Outcome } from './expected.ts';
import { settingsOf, type Trial, wayOf } from './trial.ts';

const isIntended = (id: string): boolean => readDifferences().some(({ ids }) => ids.includes(id));

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
          const id = `${setting.name}/${i}`;
          const trial = { id, setting, call, way: wayOf(setting, call) };
          const measured = [item.expect, ...item.alternatives] as unknown as readonly Outcome[];
          // Where we differ on purpose, our own word counts.
          const isOurs = agreesBut(item, walked) && !isIntended(id);
          const unfit = isOurs || isIntended(id) ? {} : { unfit: 'depends on a certificate of the workload, which the laboratory’s has not' };
          yield { ...trial, ...unfit, outcomes: isOurs ? measured : [walked] };
        }
      }
    }
  }
}

/** Whether the expectation holds for the laboratory's proxy, but for the TLS of its clusters. */
function agreesBut({ expect, alternatives }: CallItem, walked: Outcome): boolean {
  const [first, ...others] = [expect, ...alternatives].map((one) => withoutTls(one as unknown as Outcome));
  return agrees(first as unknown as Expectation, others as unknown as Expectation[], withoutTls(walked)).gate1.length === 0;
}

function withoutTls(outcome: Outcome): Outcome {
  const { detail } = outcome;
  if (detail?.upstreams === undefined) return outcome;
  return { ...outcome, detail: { ...detail, upstreams: detail.upstreams.map(({ tls: _tls, ...rest }) => rest) } };
}
