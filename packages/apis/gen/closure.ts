import type { FileDescriptorProto } from '@bufbuild/protobuf/wkt';

/** Replaces each entry that ends in `/` by the files of that folder, and checks that every entry exists. */
export function expandRoots(roots: readonly string[], known: ReadonlySet<string>): string[] {
  const missing: string[] = [];
  const found = roots.flatMap((root) => {
    const files = root.endsWith('/')
      ? [...known].filter((file) => file.startsWith(root) && !file.slice(root.length).includes('/'))
      : [root].filter((file) => known.has(file));
    if (files.length === 0) missing.push(root);
    return files;
  });
  if (missing.length > 0) throw new Error(`no module has: ${missing.join(', ')}`);
  return [...new Set(found)].sort();
}

/** The roots and all they import, each file after its imports, as a CodeGeneratorRequest wants them. */
export function closeOver(roots: readonly string[], read: (name: string) => FileDescriptorProto): FileDescriptorProto[] {
  const done = new Map<string, FileDescriptorProto>();
  const visit = (name: string): void => {
    if (done.has(name)) return;
    const file = read(name);
    if (file.name !== name) throw new Error(`the descriptor of ${name} calls itself ${file.name}`);
    for (const dependency of file.dependency) visit(dependency);
    done.set(name, file);
  };
  for (const root of roots) visit(root);
  return [...done.values()];
}
