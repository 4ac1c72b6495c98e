import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { splitDocuments } from '../config/yaml/split.ts';
import { objectId } from '../model/index.ts';
import { createConfiguration } from '../pipeline/configuration.ts';
import { createPipeline } from '../pipeline/index.ts';
import { issueLine } from '../pipeline/testing/golden-folder.ts';
import { fieldSources, manifestOf, manifestsText, translationsOf } from '../pipeline/translations.ts';
import { translateGolden } from './testing/golden.ts';

/** Every document of every golden case, each a file of its own: whoever adds a case adds to what is drawn here. */
const FILES = translateGolden
  .cases()
  .flatMap((name) => splitDocuments(translateGolden.input(name)).map(({ text }, i) => ({ path: `${name}-${i}.yaml`, text })));

type File = (typeof FILES)[number];

function start() {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  const configuration = createConfiguration(pipeline);
  const receive = (put: readonly File[], remove: readonly File[] = []): void =>
    configuration.receive({ source: 'memory', put, remove: remove.map(({ path }) => path), synced: true, issues: [] });
  const outcome = (): unknown => {
    assert.deepEqual([...pipeline.graph.failures.entries()], []);
    const made = translationsOf(pipeline);
    return {
      objects: made.map(manifestOf),
      fields: made.map((one) => fieldSources(one, configuration)),
      issues: configuration.issues().map(issueLine),
    };
  };
  return { pipeline, configuration, receive, outcome };
}

function fresh(files: readonly File[]): unknown {
  const { receive, outcome } = start();
  receive(files);
  return outcome();
}

const some = (most: number) => fc.uniqueArray(fc.constantFrom(...FILES), { maxLength: most, selector: ({ path }) => path });

it('after any history of Gloo objects everything is as a fresh start makes it', () => {
  const step = fc.record({ put: some(8), remove: some(4) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (history) => {
      const { receive, outcome } = start();
      const present = new Map<string, File>();
      for (const { put, remove } of history) {
        receive(put, remove);
        for (const { path } of remove) present.delete(path);
        for (const file of put) present.set(file.path, file);
      }
      assert.deepEqual(outcome(), fresh([...present.values()]));
    }),
    { numRuns: 60 },
  );
});

it('the order in which Gloo objects come makes no difference', () => {
  fc.assert(
    fc.property(some(12), (files) => {
      assert.deepEqual(fresh(files), fresh([...files].reverse()));
    }),
    { numRuns: 30 },
  );
});

it('a translated object is never refused by the rules of its kind', () => {
  for (const name of translateGolden.cases())
    assert.doesNotMatch(translateGolden.outputOf(name), /^# .* error .* made from it is refused/m, name);
});

it('what translate prints is read again as the objects that are in force', () => {
  for (const name of translateGolden.cases()) {
    const gloo = start();
    gloo.receive([{ path: 'in.yaml', text: translateGolden.input(name) }]);
    const made = translationsOf(gloo.pipeline);
    const istio = start();
    istio.receive([{ path: 'out.yaml', text: manifestsText(made) }]);
    const errors = istio.configuration.store.issues().filter(({ severity }) => severity === 'error');
    assert.deepEqual(errors, [], name);
    for (const { object } of made) {
      const read = istio.pipeline.objects[object.key.kind]?.get(objectId(object.key));
      const { spec, labels, annotations } = object;
      assert.deepEqual(
        { spec: read?.spec, labels: read?.labels, annotations: read?.annotations },
        { spec, labels, annotations },
        name,
      );
    }
  }
});
