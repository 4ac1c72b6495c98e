import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../lib/json.ts';
import { fieldText, type Issue } from '../../model/index.ts';
import { createConfiguration } from '../configuration.ts';
import { generate } from '../generate.ts';
import { createPipeline } from '../index.ts';
import { proxyOfJson } from '../proxies.ts';

/** Whole-pipeline cases: `<case>.in.yaml` (objects as users write them), `<case>.proxies.json`, and what comes out in `<case>.out.json`. */
const FOLDER = join(import.meta.dirname, '../testdata');

export function goldenCases(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.in.yaml'))
    .map((name) => name.slice(0, -'.in.yaml'.length))
    .sort();
}

/** Everything that each proxy of the case would be sent on its way out, and everything that is said about the objects. */
export function outputOf(name: string): string {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  const configuration = createConfiguration(pipeline);
  const text = readFileSync(join(FOLDER, `${name}.in.yaml`), 'utf8');
  configuration.receive({ source: 'golden', put: [{ path: `${name}.in.yaml`, text }], remove: [], synced: true, issues: [] });
  const issues = configuration.issues().map(issueLine);
  const proxies = JSON.parse(readFileSync(join(FOLDER, `${name}.proxies.json`), 'utf8')) as unknown[];
  const outputs = proxies.map((json) => {
    const { value, issues: wrong } = proxyOfJson(json);
    if (value === undefined) throw new Error(wrong.map((issue) => issue.message).join('; '));
    return { proxy: json, ...generate(pipeline, value) };
  });
  return `${canonicalJson({ issues, outputs }, 1)}\n`;
}

export function expectedOf(name: string): string | undefined {
  const path = join(FOLDER, `${name}.out.json`);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Writes what comes out now, of one case or of all; outputs that no case makes any more are removed. */
export function updateGolden(only?: string): string[] {
  const names = goldenCases();
  for (const file of readdirSync(FOLDER)) {
    if (file.endsWith('.out.json') && !names.includes(file.slice(0, -'.out.json'.length))) rmSync(join(FOLDER, file));
  }
  const written = names.filter((name) => only === undefined || name === only);
  for (const name of written) writeFileSync(join(FOLDER, `${name}.out.json`), outputOf(name));
  return written;
}

function issueLine({ origin, severity, code, message, field, hint }: Issue): string {
  const place = origin === undefined ? '' : `${origin.path}:${origin.line}:${origin.column} `;
  return `${place}${severity} ${code} ${message}${field === undefined ? '' : ` [${fieldText(field)}]`}${hint === undefined ? '' : ` → ${hint}`}`;
}
