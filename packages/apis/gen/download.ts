import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Module } from './modules.ts';
import { readRawDesc } from './rawdesc.ts';

export function haveGo(): boolean {
  return spawnSync('go', ['version']).status === 0;
}

/** Downloads the modules and gives the folder of each. Throws when a module is not, byte for byte, the pinned one. */
export function download(modules: readonly Module[]): string[] {
  // In a folder without a go.mod, lest somebody's `replace` directive takes part.
  const names = modules.map((m) => `${m.path}@${m.version}`);
  const go = spawnSync('go', ['mod', 'download', '-json', ...names], {
    cwd: tmpdir(),
    env: { ...process.env, GOFLAGS: '', GOWORK: 'off' },
    encoding: 'utf8',
  });
  const answers = go.stdout
    .split(/^(?=\{)/m)
    .filter((text) => text.trim() !== '')
    .map((text) => JSON.parse(text) as { Path: string; Sum?: string; Dir?: string; Error?: string });
  return modules.map((module) => {
    const answer = answers.find((a) => a.Path === module.path);
    if (answer?.Dir === undefined) throw new Error(`${module.path}@${module.version}: ${answer?.Error ?? go.stderr}`);
    if (answer.Sum !== module.sum) throw new Error(`${module.path}@${module.version}: sum ${answer.Sum}, pinned ${module.sum}`);
    return answer.Dir;
  });
}

/** From the name of a `.proto` file to the Go file that holds its descriptor, for everything in the given folders. */
export function indexOfProtos(dirs: readonly string[]): Map<string, string> {
  const index = new Map<string, string>();
  for (const dir of dirs) {
    const goFiles = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(
      // The two companions name the same source and have no descriptor.
      (name) => name.endsWith('.pb.go') && !/_(grpc|vtproto)\.pb\.go$/.test(name),
    );
    for (const name of goFiles.sort()) {
      const file = join(dir, name);
      const proto = /^\/\/ source: (\S+)$/m.exec(head(file))?.[1];
      if (proto === undefined) continue;
      const other = index.get(proto);
      if (other !== undefined) throw new Error(`${proto} is in two Go files, ${other} and ${file}`);
      index.set(proto, file);
    }
  }
  return index;
}

export function readDescriptor(goFile: string): FileDescriptorProto {
  return fromBinary(FileDescriptorProtoSchema, readRawDesc(readFileSync(goFile, 'utf8')));
}

/** Licence comments may precede the line that names the source; none is near this long. */
function head(file: string): string {
  const buffer = Buffer.alloc(8192);
  const fd = openSync(file, 'r');
  try {
    return buffer.toString('utf8', 0, readSync(fd, buffer));
  } finally {
    closeSync(fd);
  }
}
