import { readFile } from 'node:fs/promises';
import { SallyportError } from '../lib/error.ts';

/** A JSON argument, or `@FILE` that holds it. Throws USAGE with the place of the mistake. */
export async function jsonArgument(option: string, text: string): Promise<unknown> {
  const source = text.startsWith('@') ? await readArgument(option, text.slice(1)) : text;
  try {
    return JSON.parse(source);
  } catch (cause) {
    throw new SallyportError('USAGE', `${option} is no JSON: ${(cause as Error).message}`, { cause });
  }
}

async function readArgument(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SallyportError('USAGE', `${option} names a file that cannot be read: ${(cause as Error).message}`, { cause });
  }
}
