import { agrees, callOf, type Expectation, walk } from 'sallyport/explain/index.ts';
import { intendedBy } from 'sallyport/pipeline/differences.ts';
import { type CallItem, testFileOf } from 'sallyport/pipeline/test-file.ts';
import { readDifferences } from '../conformance/differences.ts';
import { readVectors } from '../conformance/vectors.ts';
import type { Outcome } from './expected.ts';
import { settingsOf, type Trial, wayOf } from './trial.ts';

/** Every call of the scenarios, with what istiod's resources lead to as outcomes. */
export function* vectorTrials(): Generator<Trial> {
  const intended = intendedBy(readDifferences());
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
          const differing = differingBut(item, walked);
          const isOurs = differing.length === 0;
          // Where we differ on purpose, our own word counts.
          const isKnown = isOurs || intended({ id, differs: differing }) !== undefined;
          const unfit = isKnown ? {} : { unfit: 'depends on a certificate of the workload, which the laboratory’s has not' };
          yield { ...trial, ...unfit, outcomes: isOurs ? measured : [walked] };
        }
      }
    }
  }
}

/** In what the laboratory's proxy differs from the expectation, but for the TLS of its clusters. */
function differingBut({ expect, alternatives }: CallItem, walked: Outcome): readonly string[] {
  const [first, ...others] = [expect, ...alternatives].map((one) => withoutTls(one as unknown as Outcome));
  return agrees(first as unknown as Expectation, others as unknown as Expectation[], withoutTls(walked)).gate1;
}

function withoutTls(outcome: Outcome): Outcome {
  const { detail } = outcome;
  if (detail?.upstreams === undefined) return outcome;
  return { ...outcome, detail: { ...detail, upstreams: detail.upstreams.map(({ tls: _tls, ...rest }) => rest) } };
}
