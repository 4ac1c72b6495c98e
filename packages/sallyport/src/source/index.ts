export { createFileSource, type FileSourceOptions } from './files.ts';
export { load } from './load.ts';
export { holdLock } from './lock.ts';
export { createMemorySource, type MemorySource } from './memory.ts';
export type { Source, SourceEvent, SourceFile } from './source.ts';
export { createStdinSource, STDIN } from './stdin.ts';
export { applyText, deleteObjects, type WriteOptions, type Written } from './write.ts';
