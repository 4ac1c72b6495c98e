import { testFileOf } from 'sallyport/pipeline/test-file.ts';
import { runTestFile, type TestCase } from 'sallyport/pipeline/test-run.ts';
import { readVectors } from './vectors.ts';
import { partOf, type Verdict } from './verdict.ts';

/** Whether a vector is wanted, by its id. Ids of a configuration end where those of its calls go on. */
export type Wanted = (id: string) => boolean;

/** Every call and name table of `scenarios/` on resources from the real pipeline. */
export function runScenarios(wanted: Wanted): Generator<Verdict> {
  return runFolder('scenarios', wanted);
}

/** Every item of `simulation/` on resources from the real pipeline. */
export function runSimulation(wanted: Wanted): Generator<Verdict> {
  return runFolder('simulation', wanted);
}

/** The same implementation as `sallyport test`, only stricter: what a vector leaves out was measured to be empty. */
function* runFolder(folder: 'scenarios' | 'simulation', wanted: Wanted): Generator<Verdict> {
  for (const { file, content } of readVectors<unknown>(folder)) {
    const { value, issues } = testFileOf(content, file.replace(/\.json(\.gz)?$/, ''));
    if (value === undefined) throw new Error(`${folder}/${file} is refused: ${JSON.stringify(issues)}`);
    for (const found of runTestFile(value, { onlyGiven: false, wanted })) yield verdictOf(folder, found);
  }
}

function verdictOf(folder: 'scenarios' | 'simulation', found: TestCase): Verdict {
  const { id, proxy, inbound, gate1, gate2, asserted, expected, actual } = found;
  return {
    id,
    folder,
    part: found.call === 'nameTable' ? 'names' : partOf(proxy, inbound),
    gate1,
    gate2,
    ...(asserted !== undefined && { asserted }),
    refused: found.refused.map(({ code, message }) => `${code} ${message}`),
    expected,
    actual,
  };
}
