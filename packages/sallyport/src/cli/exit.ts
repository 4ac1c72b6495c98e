import { SallyportError } from '../lib/error.ts';

/** 0 good, 1 findings, 2 usage, 3 failure of ours or of the world. */
export const EXIT = { good: 0, findings: 1, usage: 2, failure: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One line for people; a stack only for a defect of ours, and only when asked for by SALLYPORT_DEBUG. */
export function failureText(error: unknown, env: NodeJS.ProcessEnv): { readonly text: string; readonly code: ExitCode } {
  if (error instanceof SallyportError)
    return { text: `sallyport: ${error.message}\n`, code: error.code === 'USAGE' ? EXIT.usage : EXIT.failure };
  const message = error instanceof Error ? error.message : String(error);
  const stack = env['SALLYPORT_DEBUG'] !== undefined && error instanceof Error ? `${error.stack}\n` : '';
  return {
    text: `sallyport: unexpected failure: ${message}; this is a defect of ours, please report it (SALLYPORT_DEBUG=1 shows where)\n${stack}`,
    code: EXIT.failure,
  };
}
