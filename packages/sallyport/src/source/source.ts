import type { SourceEvent } from '../config/index.ts';

export type { SourceEvent, SourceFile } from '../config/index.ts';

/** Where documents come from. Files, standard input and memory pass the same battery of tests (`battery.ts`). */
export interface Source {
  readonly name: string;
  /**
   * Reports what is there, then every change, until the signal aborts; resolves when nothing more will be reported.
   * The first event that is `synced` comes also when there is nothing, or nothing that can be read.
   */
  watch(onEvent: (event: SourceEvent) => void, signal: AbortSignal): Promise<void>;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
