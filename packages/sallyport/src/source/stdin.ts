import type { Readable } from 'node:stream';
import { MAX_FILE_BYTES } from '../config/index.ts';
import type { Issue, Outcome } from '../model/index.ts';
import { decodeText, unreadable } from './read-text.ts';
import { aborted, type Source } from './source.ts';

/** Path under which standard input appears in messages. */
export const STDIN = '-';

/** Everything that a stream says until its end, or why it cannot be used. */
export async function readStream(source: string, stream: Readable): Promise<Outcome<string>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes: Uint8Array = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
      size += bytes.length;
      if (size > MAX_FILE_BYTES) return { issues: [tooLong(source)] };
      chunks.push(bytes);
    }
  } catch (error) {
    return { issues: [unreadable(source, STDIN, error)] };
  }
  return decodeText(source, STDIN, Buffer.concat(chunks));
}

/** Standard input: read once, to its end. */
export function createStdinSource(stream: Readable, rank = 0): Source {
  const name = 'stdin';
  return {
    name,
    async watch(onEvent, signal) {
      if (signal.aborted) return;
      const stop = (): void => void stream.destroy();
      signal.addEventListener('abort', stop, { once: true });
      const { value, issues } = await readStream(name, stream);
      signal.removeEventListener('abort', stop);
      if (signal.aborted) return;
      onEvent({
        source: name,
        put: value === undefined ? [] : [{ path: STDIN, text: value, rank }],
        remove: [],
        synced: true,
        issues,
      });
      await aborted(signal);
    },
  };
}

function tooLong(source: string): Issue {
  return {
    code: 'FILE_TOO_LARGE',
    severity: 'error',
    message: `standard input has more than the ${MAX_FILE_BYTES / 1024 / 1024} MiB that are read`,
    hint: 'split it into several files',
    origin: { source, path: STDIN, line: 1, column: 1 },
  };
}
