import { expectedOf } from './expected.ts';
import { differences } from './judge.ts';
import type { Machine, Performed } from './machine.ts';
import { leftOut, type Setting, type Trial } from './trial.ts';

export interface Disagreement {
  readonly trial: Trial;
  readonly found: readonly string[];
  readonly performed: Performed;
}

export interface Tally {
  made: number;
  /** By reason. */
  readonly leftOut: Map<string, number>;
  readonly disagreements: Disagreement[];
  /** What the real proxy refused: configuration, resource, its words. */
  readonly refused: { readonly setting: string; readonly name: string; readonly detail: string }[];
}

export const newTally = (): Tally => ({ made: 0, leftOut: new Map(), disagreements: [], refused: [] });

/** Those that can be made; the others are counted by reason. */
export function possible(trials: Iterable<Trial>, tally: Tally): Trial[] {
  const kept: Trial[] = [];
  for (const trial of trials) {
    const reason = leftOut(trial);
    if (reason === undefined) kept.push(trial);
    else tally.leftOut.set(reason, (tally.leftOut.get(reason) ?? 0) + 1);
  }
  return kept;
}

/** Makes the calls, one setting after the other, and counts. */
export async function runTrials(machine: Machine, trials: readonly Trial[], tally: Tally): Promise<void> {
  const bySetting = new Map<Setting, Trial[]>();
  for (const trial of trials) bySetting.set(trial.setting, [...(bySetting.get(trial.setting) ?? []), trial]);
  for (const [setting, own] of bySetting) {
    const nacks = await machine.take(setting.sent);
    for (const { name, detail } of nacks) tally.refused.push({ setting: setting.name, name, detail });
    const performed = await machine.perform(own);
    for (const [i, trial] of own.entries()) {
      const found = judge(trial, performed[i]!);
      tally.made += 1;
      if (found.length > 0) tally.disagreements.push({ trial, found, performed: performed[i]! });
    }
  }
}

/** Against whichever outcome comes nearest: where istiod itself varied, any of them will do. */
function judge({ outcomes, call }: Trial, performed: Performed): readonly string[] {
  return outcomes
    .map((outcome) => differences(expectedOf(outcome, call), performed))
    .reduce((a, b) => (b.length < a.length ? b : a));
}
