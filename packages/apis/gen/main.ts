// `npm run gen` writes src/gen; `npm run gen:check` only says whether it would change.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { haveGo } from './download.ts';
import { generate } from './generate.ts';

const target = fileURLToPath(new URL('../src/gen', import.meta.url));
const checking = process.argv.includes('--check');

if (haveGo()) {
  if (checking) check(generate());
  else write(generate());
} else if (checking) {
  console.log('gen:check skipped: there is no Go here, which is needed to read the descriptors.');
} else {
  console.error('npm run gen needs Go on the PATH: the descriptors are read out of Go modules.');
  process.exitCode = 1;
}

function write(files: ReadonlyMap<string, string>): void {
  rmSync(target, { recursive: true, force: true });
  for (const [name, content] of files) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileSync(join(target, name), content);
  }
  console.log(`wrote ${files.size} files`);
}

function check(files: ReadonlyMap<string, string>): void {
  const present = readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1));
  const problems = [
    ...present.filter((name) => !files.has(name)).map((name) => `${name}: nothing generates it`),
    ...[...files.keys()].filter((name) => !present.includes(name)).map((name) => `${name}: missing`),
    ...present
      .filter((name) => files.has(name) && readFileSync(join(target, name), 'utf8') !== files.get(name))
      .map((name) => `${name}: differs`),
  ];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) console.error('src/gen is not what gen/ produces; run `npm run gen`.');
  else console.log(`src/gen is fresh (${files.size} files)`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
