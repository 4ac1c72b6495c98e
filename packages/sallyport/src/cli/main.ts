import { Command, CommanderError } from 'commander';
import { addAgent } from './agent.ts';
import { addApply, addDelete } from './apply.ts';
import { addDoctor } from './doctor.ts';
import { addExec } from './exec.ts';
import { EXIT, failureText } from './exit.ts';
import { addGenerate } from './generate.ts';
import { addProxyStatus } from './proxy-status.ts';
import { addRun } from './run.ts';
import { processTerminal } from './terminal.ts';
import { addValidate } from './validate.ts';
import { VERSION } from './version.ts';

const terminal = processTerminal();
const program = new Command('sallyport')
  .description('Makes services outside a mesh first-class inside it: a control plane for real Envoy proxies.')
  .version(VERSION)
  .showHelpAfterError('(--help shows what there is)')
  .exitOverride()
  .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });

addRun(program, terminal);
addApply(program, terminal);
addDelete(program, terminal);
addAgent(program, terminal);
addExec(program, terminal);
addProxyStatus(program, terminal);
addValidate(program, terminal);
addGenerate(program, terminal);
addDoctor(program, terminal);

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
