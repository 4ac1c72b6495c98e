import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { MAX_FILE_BYTES } from '../config/index.ts';
import type { Issue, Outcome } from '../model/index.ts';

/** The text of a file, or why there is none. `path` is how the user knows it, `size` is in bytes. */
export async function readText(source: string, path: string, location: string, size: number): Promise<Outcome<string>> {
  if (size > MAX_FILE_BYTES) return refused(tooLarge(source, path, size));
  let bytes: Uint8Array;
  try {
    bytes = await readFile(location);
  } catch (error) {
    return refused(unreadable(source, path, error));
  }
  if (bytes.length > MAX_FILE_BYTES) return refused(tooLarge(source, path, bytes.length));
  return decodeText(source, path, bytes);
}

/** UTF-8, as JSON and YAML files are everywhere today. */
export function decodeText(source: string, path: string, bytes: Uint8Array): Outcome<string> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return isUtf8(bytes) ? { value: text, issues: [] } : refused(notText(source, path, text));
}

export function unreadable(source: string, path: string, error: unknown): Issue {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return {
    code: 'SOURCE_UNREADABLE',
    severity: 'error',
    message: `${path} cannot be read (${code}); what was last read of it stays in force`,
    hint: code === 'EACCES' || code === 'EPERM' ? 'give this user the right to read it' : 'check the path',
    origin: { source, path, line: 1, column: 1 },
  };
}

export function gone(source: string, path: string, seen: boolean): Issue {
  return {
    code: 'SOURCE_GONE',
    severity: 'error',
    message: seen ? `${path} is gone; what was last read of it stays in force` : `${path} does not exist`,
    hint: seen ? 'put it back, or restart without it' : 'check the path',
    origin: { source, path, line: 1, column: 1 },
  };
}

function tooLarge(source: string, path: string, size: number): Issue {
  const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  return {
    code: 'FILE_TOO_LARGE',
    severity: 'error',
    message: `${path} has ${mebibytes(size)}, more than the ${mebibytes(MAX_FILE_BYTES)} that are read`,
    hint: 'split it, or keep it out of the configuration',
    origin: { source, path, line: 1, column: 1 },
  };
}

function notText(source: string, path: string, decoded: string): Issue {
  const bad = decoded.search(/[\uFFFD\0]/);
  const lines = decoded.slice(0, Math.max(0, bad)).split('\n');
  return {
    code: 'FILE_BINARY',
    severity: 'error',
    message: `${path} is no UTF-8 text`,
    hint: 'keep binary files out of the configuration, or save this one as UTF-8',
    origin: { source, path, line: lines.length, column: lines.at(-1)!.length + 1 },
  };
}

function refused(issue: Issue): Outcome<string> {
  return { issues: [issue] };
}
