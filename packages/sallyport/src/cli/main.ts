import { Command, CommanderError } from 'commander';
import { addAsked } from './commands.ts';
import { EXIT, failureText } from './exit.ts';
import { processTerminal } from './terminal.ts';
import { VERSION } from './version.ts';

const terminal = processTerminal();
const program = new Command('sallyport')
  .description('Makes services outside a mesh first-class inside it: a control plane for real Envoy proxies.')
  .version(VERSION)
  .showHelpAfterError('(--help shows what there is)')
  .exitOverride()
  .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });

await addAsked(program, terminal, process.argv.slice(2));

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.good : EXIT.usage;
  else {
    const { text, code } = failureText(error, process.env);
    terminal.err(text);
    process.exitCode = code;
  }
}
