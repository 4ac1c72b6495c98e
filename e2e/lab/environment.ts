import { join } from 'node:path';

/** The checkout, from where commands are run and paths are shown. */
export const ROOT = join(import.meta.dirname, '..', '..');
const ENTRY = join(ROOT, 'packages', 'sallyport', 'bin', 'sallyport.cjs');

/** The command `sallyport` as a user has it, with the Node that runs us. */
export function sallyportCommand(args: readonly string[]): string[] {
  return [process.execPath, ENTRY, ...args];
}

/** Our own environment without what would lead calls elsewhere, and with the places of this laboratory. */
export function labEnvironment(runtimeDir: string): NodeJS.ProcessEnv {
  const given = Object.entries(process.env).filter(
    ([name]) => !/^((https?|all|no)_proxy|sallyport_.*|node_options|force_color)$/i.test(name),
  );
  return {
    ...Object.fromEntries(given),
    SALLYPORT_RUNTIME_DIR: runtimeDir,
    // Every command is a process of its own; compiled once, they start in half the time.
    NODE_COMPILE_CACHE: join(ROOT, '.cache', 'compiled'),
    NO_COLOR: '1',
  };
}
