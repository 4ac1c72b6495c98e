import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { type Bed, sourceBattery } from './battery.ts';
import { createFileSource } from './files.ts';
import { createMemorySource } from './memory.ts';
import { createStdinSource } from './stdin.ts';

type Write = (path: string, text: string) => Promise<void>;

/** A directory in which files are written in a given way. */
function directory(name: string, write: Write, options = {}): Bed {
  return {
    name,
    async make(files) {
      const root = await mkdtemp(join(tmpdir(), 'sallyport-source-'));
      for (const [file, text] of Object.entries(files)) await writeFile(join(root, file), text);
      return {
        source: createFileSource([root], options),
        put: (file, text) => write(join(root, file), text),
        remove: (file) => rm(join(root, file)),
        close: () => rm(root, { recursive: true, force: true }),
      };
    },
  };
}

const overwrite: Write = (path, text) => writeFile(path, text);

async function renameOver(path: string, text: string): Promise<void> {
  await writeFile(`${path}~`, text);
  await rename(`${path}~`, path);
}

async function unlinkAndCreate(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, text);
}

/** As vim does: a probe, a swap file, a backup, then the new file. */
async function likeVim(path: string, text: string): Promise<void> {
  await writeFile(join(dirname(path), '4913'), '');
  await rm(join(dirname(path), '4913'));
  await writeFile(`${path}.swp`, 'swap');
  await rename(path, `${path}~`).catch(() => undefined);
  await writeFile(path, text);
  await rm(`${path}.swp`);
}

/** A directory as the kubelet mounts a ConfigMap: links through `..data`, which is swapped as a whole. */
const configMapMount: Bed = {
  name: 'ConfigMap mount',
  async make(files) {
    const root = await mkdtemp(join(tmpdir(), 'sallyport-configmap-'));
    const current = new Map(Object.entries(files));
    let generation = 0;
    const swap = async (): Promise<void> => {
      const fresh = `..gen_${++generation}`;
      await mkdir(join(root, fresh));
      for (const [file, text] of current) await writeFile(join(root, fresh, file), text);
      await symlink(fresh, join(root, '..data_tmp'));
      await rename(join(root, '..data_tmp'), join(root, '..data'));
      for (const file of current.keys()) await symlink(join('..data', file), join(root, file)).catch(() => undefined);
      if (generation > 1) await rm(join(root, `..gen_${generation - 1}`), { recursive: true });
    };
    await swap();
    return {
      source: createFileSource([root]),
      async put(file, text) {
        current.set(file, text);
        await swap();
      },
      async remove(file) {
        current.delete(file);
        await swap();
        await rm(join(root, file));
      },
      close: () => rm(root, { recursive: true, force: true }),
    };
  },
};

const memory: Bed = {
  name: 'memory',
  make(files) {
    const source = createMemorySource();
    for (const [file, text] of Object.entries(files)) source.put(file, text);
    return { source, put: source.put, remove: source.remove };
  },
};

/** A file system that reports no changes: only the poll is left. */
const polled = directory('polled directory', overwrite, { poll: 30 });

const stdin: Bed = {
  name: 'stdin',
  make: (files) => {
    const source = createStdinSource(Readable.from(Object.values(files)));
    // The battery knows files by name; there is only one here.
    return {
      source: {
        ...source,
        watch: (onEvent, signal) =>
          source.watch(
            (event) => onEvent({ ...event, put: event.put.map((file) => ({ ...file, path: Object.keys(files)[0]! })) }),
            signal,
          ),
      },
    };
  },
};

for (const bed of [
  memory,
  stdin,
  directory('directory, written in place', overwrite),
  directory('directory, renamed over', renameOver),
  directory('directory, unlinked and created', unlinkAndCreate),
  directory('directory, edited with vim', likeVim),
  configMapMount,
  polled,
])
  sourceBattery(bed);
