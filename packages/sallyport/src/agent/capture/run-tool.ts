import { spawn } from 'node:child_process';
import { SallyportError } from '../../lib/error.ts';

/** Runs a program to its end and gives what it wrote to stdout; throws TOOL_MISSING or NO_RIGHTS with what it said itself. */
export function runTool(command: readonly string[], input = ''): Promise<string> {
  const [file = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'pipe' });
    let [out, said] = ['', ''];
    child.stdout.on('data', (part) => {
      out += part;
    });
    child.stderr.on('data', (part) => {
      said += part;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.once('error', (cause) =>
      reject(new SallyportError('TOOL_MISSING', `${file} cannot be started: ${cause.message}`, { cause })),
    );
    child.once('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new SallyportError('NO_RIGHTS', `\`${command.join(' ')}\` failed: ${said.trim() || `exit code ${code}`}`));
    });
  });
}
