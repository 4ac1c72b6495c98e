// Draws the folders of packages/sallyport/src and who imports whom: `npm run graph` (Mermaid on stdout).
import { execFileSync } from 'node:child_process';
import { law } from './law.ts';

const output = execFileSync(
  'depcruise',
  ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'packages/sallyport/src'],
  {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  },
);
const { modules } = JSON.parse(output) as { modules: { source: string; dependencies: { resolved: string }[] }[] };
const folderOf = (path: string): string | undefined =>
  path.startsWith('packages/apis/') ? 'apis' : /^packages\/sallyport\/src\/([^/]+)\//.exec(path)?.[1];

const counts = new Map<string, number>();
for (const { source, dependencies } of modules) {
  const from = folderOf(source);
  if (from === undefined || /\.test\.ts$|\/testing\//.test(source)) continue;
  for (const { resolved } of dependencies) {
    const to = folderOf(resolved);
    if (to === undefined || to === from || to === 'lib' || to === 'model') continue;
    counts.set(`${from} ${to}`, (counts.get(`${from} ${to}`) ?? 0) + 1);
  }
}
console.log('%% lib and model are open to all and left out');
console.log('flowchart LR');
for (const folder of Object.keys(law)) if (folder !== 'lib' && folder !== 'model') console.log(`  ${folder}`);
for (const [edge, count] of [...counts].sort()) console.log(`  ${edge.replace(' ', ` -- ${count} --> `)}`);
