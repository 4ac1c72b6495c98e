import { Command, CommanderError } from 'commander';
import { addAsked } from './commands.ts';
import { EXIT, failureText } from './exit.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

/** Runs what the arguments (without interpreter and script) say, and gives the exit code. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = new Command('sallyport')
    .description('Makes services outside a mesh first-class inside it: a control plane for real Envoy proxies.')
    .version(VERSION)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  await addAsked(program, terminal, args);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.usage;
    const { text, code } = failureText(error, process.env);
    terminal.err(text);
    return code;
  }
  // Commands that found something set it; so does `exec`, to what the command that it ran exited with.
  return Number(process.exitCode ?? EXIT.good);
}
