import { dirname } from 'node:path';
import type { Command } from 'commander';
import { adminClient } from '../admin/client.ts';
import { missingForCapture, variantFor } from '../agent/capture/index.ts';
import { resolveEnvoy } from '../agent/envoy-binary.ts';
import { EXIT } from './exit.ts';
import { examples, type Outputs, shared } from './options.ts';
import { closedFolder, runtimeDir } from './runtime-dir.ts';
import { print, type Terminal } from './terminal.ts';

interface DoctorOptions extends Outputs {
  readonly offline: boolean;
  readonly runtimeDir?: string;
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do about it. */
  readonly mend?: string;
}

export function addDoctor(program: Command, terminal: Terminal): void {
  const command = program
    .command('doctor')
    .summary('say what this machine lacks')
    .description(
      'Looks at everything that the other commands need and says what is missing and what mends it. Exits 1 when something is missing.',
    )
    .option('--offline', 'do not fetch Envoy if it is not here', false)
    .addOption(shared.runtimeDir())
    .addOption(shared.output())
    .action(async (options: DoctorOptions) => {
      const checks = [
        node(),
        await envoy(options, terminal),
        ...(await capture()),
        await runtimeFolder(options),
        await controlPlane(options),
      ];
      print(terminal, options.output, { checks }, () => checks.map((check) => line(check, terminal)).join(''));
      process.exitCode = checks.every((check) => check.ok) ? EXIT.good : EXIT.findings;
    });
  examples(command, ['sallyport doctor', 'sallyport doctor --offline -o json']);
}

function line({ name, ok, found, mend }: Check, { colors }: Terminal): string {
  return `${ok ? colors.green('ok     ') : colors.red('missing')} ${name.padEnd(16)} ${found}${mend === undefined ? '' : `\n                         ${colors.green('→')} ${mend}`}\n`;
}

function node(): Check {
  return { name: 'Node', ok: Number(process.versions.node.split('.')[0]) >= 24, found: process.version };
}

async function envoy({ offline }: DoctorOptions, terminal: Terminal): Promise<Check> {
  try {
    const found = await resolveEnvoy({ offline, verify: true, log: (text) => terminal.err(`${text}\n`) });
    return { name: 'Envoy', ok: true, found: `${found.version} at ${found.path} (${found.origin})` };
  } catch (error) {
    const [found = '', mend] = (error as Error).message.split('. What helps: ');
    return { name: 'Envoy', ok: false, found, ...(mend !== undefined && { mend }) };
  }
}

async function capture(): Promise<Check[]> {
  const lab = await missingForCapture(variantFor(), 'lab');
  const outside = await missingForCapture(variantFor(), 'outside');
  const further = outside.filter(({ what }) => !lab.some((other) => other.what === what));
  return [...checksOf('capture', lab), ...checksOf('outside world', further)];
}

function checksOf(name: string, missing: Awaited<ReturnType<typeof missingForCapture>>): Check[] {
  if (missing.length === 0) return [{ name, ok: true, found: 'everything that it needs is here' }];
  return missing.map(({ what, mend }) => ({ name, ok: false, found: what, mend }));
}

/** Proxies of captured workloads run as a user of their own when root captures; its own user runs them otherwise. */
async function runtimeFolder(options: DoctorOptions): Promise<Check> {
  const { root } = runtimeDir(options.runtimeDir);
  const closed = variantFor() === 'root' ? await closedFolder(dirname(root)) : undefined;
  if (closed === undefined) return { name: 'runtime folder', ok: true, found: root };
  return {
    name: 'runtime folder',
    ok: false,
    found: `${root} is below ${closed}, which only its owner may pass: proxies of captured workloads cannot reach the control plane`,
    mend: `chmod o+x ${closed}, or choose another place with --runtime-dir`,
  };
}

async function controlPlane(options: DoctorOptions): Promise<Check> {
  try {
    const status = await adminClient(runtimeDir(options.runtimeDir).admin).status();
    return {
      name: 'control plane',
      ok: true,
      found: `running, ${status.objects} objects, ${status.proxies} proxies, on ${status.xds.join(' and ')}`,
    };
  } catch (error) {
    // None running is no defect of the machine.
    return { name: 'control plane', ok: true, found: `none: ${(error as Error).message}` };
  }
}
