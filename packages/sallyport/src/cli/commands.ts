import type { Command } from 'commander';
import type { Terminal } from './terminal.ts';

/** A command as `--help` lists it, and how to get the rest of it. */
export interface ListedCommand {
  /** As the command itself says it; repeated here so that a list of commands need not load them all. */
  readonly summary: string;
  readonly load: () => Promise<(program: Command, terminal: Terminal) => void>;
}

/** Every command, in the order of `--help`. Each loads what it needs only when it is asked for. */
export const COMMANDS: ReadonlyMap<string, ListedCommand> = new Map(
  Object.entries({
    run: {
      summary: 'run a control plane on a directory of configuration',
      load: async () => (await import('./run.ts')).addRun,
    },
    apply: {
      summary: 'add or change objects of the running control plane',
      load: async () => (await import('./apply.ts')).addApply,
    },
    delete: {
      summary: 'remove objects of the running control plane',
      load: async () => (await import('./apply.ts')).addDelete,
    },
    agent: {
      summary: 'run a sidecar proxy for one workload, or a gateway',
      load: async () => (await import('./agent.ts')).addAgent,
    },
    exec: {
      summary: 'run a command whose traffic goes through a sidecar',
      load: async () => (await import('./exec.ts')).addExec,
    },
    'proxy-status': {
      summary: 'which proxies are connected, and whether they have what they should',
      load: async () => (await import('./proxy-status.ts')).addProxyStatus,
    },
    lookups: {
      summary: 'names that the control plane looks up, and what DNS says',
      load: async () => (await import('./lookups.ts')).addLookups,
    },
    names: {
      summary: 'what hosts mean: addresses, who declares them, since when, who sees them',
      load: async () => (await import('./names.ts')).addNames,
    },
    validate: {
      summary: 'say what is wrong with configuration, with file and line',
      load: async () => (await import('./validate.ts')).addValidate,
    },
    translate: {
      summary: 'print the Istio objects that Gloo resources stand for',
      load: async () => (await import('./translate.ts')).addTranslate,
    },
    generate: {
      summary: 'print everything that a proxy would be sent',
      load: async () => (await import('./generate.ts')).addGenerate,
    },
    explain: {
      summary: 'say where a call goes, and why',
      load: async () => (await import('./explain.ts')).addExplain,
    },
    test: {
      summary: 'run tests of egress policy: calls and where they should go',
      load: async () => (await import('./test.ts')).addTest,
    },
    doctor: {
      summary: 'say what this machine lacks',
      load: async () => (await import('./doctor.ts')).addDoctor,
    },
  }),
);

/** Adds the command that the arguments ask for, or, where they name none, every command by its summary alone. */
export async function addAsked(program: Command, terminal: Terminal, args: readonly string[]): Promise<void> {
  const [first = '', second = ''] = args;
  const name = first === 'help' ? second : first === 'agent-inside' ? 'agent' : first;
  const asked = COMMANDS.get(name);
  if (asked !== undefined) (await asked.load())(program, terminal);
  else for (const [listed, { summary }] of COMMANDS) program.command(listed).summary(summary);
}
