import { join } from 'node:path';
import { createConfiguration } from '../../pipeline/configuration.ts';
import { createPipeline } from '../../pipeline/index.ts';
import { goldenFolder, issueLine } from '../../pipeline/testing/golden-folder.ts';
import { manifestsText, translationsOf } from '../../pipeline/translations.ts';

/**
 * Gloo objects in, and what `sallyport translate` prints: first, as comments, all that is said about them. A case starts with
 * `# evidence: GRADE …` (spec/gloo.md, evidence grades); `# settings: {…}` gives settings of the translation.
 */
export const translateGolden = goldenFolder(join(import.meta.dirname, '../testdata'), 'yaml', (name, folder) => {
  const text = folder.input(name);
  const gloo = JSON.parse(/^# settings: (.+)$/m.exec(text)?.[1] ?? '{}') as object;
  const pipeline = createPipeline({
    clusterDomain: 'cluster.local',
    clusterId: 'Kubernetes',
    rootNamespace: 'istio-system',
    gloo,
  });
  const configuration = createConfiguration(pipeline);
  configuration.receive({ source: 'golden', put: [{ path: `${name}.in.yaml`, text }], remove: [], synced: true, issues: [] });
  const said = configuration.issues().map((issue) => `# ${issueLine(issue)}\n`);
  return `${said.join('')}${manifestsText(translationsOf(pipeline))}`;
});

/** What the first lines of a case say about where its output comes from. */
export function evidenceOf(name: string): string | undefined {
  return /^# evidence: (.+)$/m.exec(translateGolden.input(name))?.[1];
}
