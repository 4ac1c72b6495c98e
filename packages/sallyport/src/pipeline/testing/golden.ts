import { join } from 'node:path';
import { canonicalJson } from '../../lib/json.ts';
import { createConfiguration } from '../configuration.ts';
import { generate } from '../generate.ts';
import { createPipeline } from '../index.ts';
import { proxyOfJson } from '../proxies.ts';
import { goldenFolder, issueLine } from './golden-folder.ts';

/**
 * Whole-pipeline cases: with `<case>.proxies.json`, everything that each proxy of the case would be sent on its way out, and everything
 * that is said about the objects.
 */
export const pipelineGolden = goldenFolder(join(import.meta.dirname, '../testdata'), 'json', (name, folder) => {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  const configuration = createConfiguration(pipeline);
  const put = [{ path: `${name}.in.yaml`, text: folder.input(name) }];
  configuration.receive({ source: 'golden', put, remove: [], synced: true, issues: [] });
  const issues = configuration.issues().map(issueLine);
  const proxies = JSON.parse(folder.input(name, 'proxies.json')) as unknown[];
  const outputs = proxies.map((json) => {
    const { value, issues: wrong } = proxyOfJson(json);
    if (value === undefined) throw new Error(wrong.map((issue) => issue.message).join('; '));
    return { proxy: json, ...generate(pipeline, value) };
  });
  return `${canonicalJson({ issues, outputs }, 1)}\n`;
});
