import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import * as wkt from '@bufbuild/protobuf/wkt';
import { closeOver, expandRoots } from './closure.ts';
import { download, indexOfProtos, readDescriptor } from './download.ts';
import { modules } from './modules.ts';
import { roots } from './roots.ts';

const parameter = 'target=js+dts,import_extension=js';

/** All that belongs into src/gen: file name to content. */
export function generate(): Map<string, string> {
  const index = indexOfProtos(download(modules));
  const ordered = closeOver(expandRoots(roots, new Set(index.keys())), (name) => {
    const known = wellKnown.get(name);
    if (known !== undefined) return known;
    const goFile = index.get(name);
    if (goFile === undefined) throw new Error(`no module has ${name}; add the one that does to modules.ts`);
    return readDescriptor(goFile);
  });
  const files = runPlugin(ordered);
  files.set('files.js', listOfFiles(ordered));
  files.set(
    'files.d.ts',
    "import type { GenFile } from '@bufbuild/protobuf/codegenv2';\n\nexport declare const files: readonly GenFile[];\n",
  );
  files.set('README.md', readme(ordered.filter((file) => !wellKnown.has(file.name)).length));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** google/protobuf/*.proto: the generated code imports the library's own, so those are what the rest must fit. */
const wellKnown = new Map(
  Object.values(wkt)
    .filter((value) => typeof value === 'object' && 'kind' in value && value.kind === 'file')
    .map((file) => [file.proto.name, file.proto] as const),
);

function runPlugin(ordered: readonly wkt.FileDescriptorProto[]): Map<string, string> {
  const request = create(wkt.CodeGeneratorRequestSchema, {
    fileToGenerate: ordered.map((file) => file.name).filter((name) => !wellKnown.has(name)),
    parameter,
    protoFile: [...ordered],
  });
  const plugin = fileURLToPath(new URL('bin/protoc-gen-es', import.meta.resolve('@bufbuild/protoc-gen-es/package.json')));
  const { status, stdout, stderr } = spawnSync(process.execPath, [plugin], {
    input: toBinary(wkt.CodeGeneratorRequestSchema, request),
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`protoc-gen-es: ${stderr.toString()}`);
  const response = fromBinary(wkt.CodeGeneratorResponseSchema, stdout);
  if (response.error !== '') throw new Error(`protoc-gen-es: ${response.error}`);
  return new Map(response.file.map((file) => [file.name, file.content]));
}

/** A module with the descriptors of all files, for whoever needs every message there is. */
function listOfFiles(ordered: readonly wkt.FileDescriptorProto[]): string {
  const bases = ordered.map((file) => file.name.replace(/\.proto$/, '')).sort();
  const symbol = (base: string) => `file_${base.replaceAll(/[^A-Za-z0-9]/g, '_')}`;
  const imports = bases.map((base) => {
    const from = base.startsWith('google/protobuf/') ? '@bufbuild/protobuf/wkt' : `./${base}_pb.js`;
    return `import { ${symbol(base)} } from '${from}';\n`;
  });
  return `${imports.join('')}\nexport const files = [\n${bases.map((base) => `  ${symbol(base)},\n`).join('')}];\n`;
}

function readme(count: number): string {
  const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const rows = modules.map((m) => `| \`${m.path}\` | ${m.version} | \`${m.sum}\` |`);
  return `# Generated: do not edit

\`npm run gen\` wrote this folder from ${count} files of Envoy's API and what it imports, with protoc-gen-es ${own.devDependencies['@bufbuild/protoc-gen-es']}.
The descriptors are those inside these Go modules. The API definitions are the work of their authors, under the Apache License 2.0.

| module | version | sum |
| --- | --- | --- |
${rows.join('\n')}
`;
}
