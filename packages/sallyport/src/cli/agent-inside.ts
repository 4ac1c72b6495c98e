import { readFile } from 'node:fs/promises';
import { type AgentOptions, runAgent } from '../agent/agent.ts';
import { LAB_ADDRESSES } from '../agent/capture/index.ts';
import { staticNames } from '../agent/resolver/names.ts';
import type { Upstream } from '../agent/resolver/upstream/forwarder.ts';
import type { Credentials } from '../agent/sds/index.ts';
import { SallyportError } from '../lib/error.ts';
import type { AgentCommandOptions } from './agent-options.ts';
import { agentDns } from './dns-options.ts';
import { localCredentials } from './local-credentials.ts';
import { placeOf } from './options.ts';
import type { Terminal } from './terminal.ts';

export interface InsideOptions extends Omit<AgentCommandOptions, 'xds'> {
  readonly xds: string;
  /** Unix socket of the resolver outside that knows the rest of the world. */
  readonly dnsUpstream?: string;
  readonly folder?: string;
  /** File in which the names of the control plane are kept. */
  readonly keptNames?: string;
  /** Admin socket of the control plane, which signs for workloads of its own user. */
  readonly admin?: string;
}

const READY_MS = 60_000;

/** Runs the agent where the proxy has to be until the signal aborts, and says what happens: lines for people, or JSON lines. */
export async function runInside(
  options: InsideOptions,
  mode: AgentOptions['mode'],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const say = speaker(options, terminal);
  const names = options.names === undefined ? undefined : staticNames(await nameTable(options.names));
  const upstream = upstreamOf(options, mode);
  const credentials = await credentialsFor(options, (text) => say('identity', { text }, text));
  const agent = await runAgent(
    {
      identity: {
        role: options.type,
        name: options.name,
        namespace: options.namespace,
        ips: mode.kind === 'capture' ? LAB_ADDRESSES : options.ip,
        labels: options.label,
        serviceAccount: options.serviceAccount,
        ...(options.locality !== undefined && { locality: options.locality }),
        clusterId: 'Kubernetes',
      },
      source: { kind: 'ads', place: placeOf(options.xds) },
      mode,
      ports: { health: options.healthPort, metrics: options.metricsPort },
      ...(credentials !== undefined && { credentials }),
      ...(names !== undefined && { names: { application: names, envoy: names } }),
      ...(upstream !== undefined && { upstream }),
      dns: { ...agentDns(options), ...(options.keptNames !== undefined && { keptIn: options.keptNames }) },
      ...(options.folder !== undefined && { folder: options.folder }),
      logLevel: options.logLevel,
      onLog: ({ level, component, message }) => say('log', { level, component, message }, `${level} ${component}: ${message}`),
      onAccess: (line) => say('access', { line: parsed(line) }, line),
      onState: (state) => say('state', { state: state.kind }, `Envoy is ${state.kind}`),
    },
    signal,
  );
  await agent.untilReady(READY_MS);
  say('ready', { folder: agent.folder }, `the workload ${options.name} in ${options.namespace} is ready`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await agent.stop();
}

/** Without an identity the workload still has its traffic, in the clear; that is said. */
async function credentialsFor(options: InsideOptions, say: (text: string) => void): Promise<Credentials | undefined> {
  const { admin, xds, namespace, serviceAccount } = options;
  if (admin === undefined) return undefined;
  const found = await localCredentials(admin, { namespace, serviceAccount, xds });
  if (!('none' in found)) return found;
  say(`the workload has no certificate: ${found.none}`);
  return undefined;
}

function upstreamOf({ dnsUpstream, dnsServer, reach }: InsideOptions, mode: AgentOptions['mode']): Upstream | undefined {
  if (dnsServer !== undefined) return { kind: 'servers', servers: dnsServer };
  if (dnsUpstream !== undefined) return { kind: 'unix', path: dnsUpstream };
  return mode.kind === 'capture' && reach === 'lab' ? { kind: 'nobody' } : undefined;
}

async function nameTable(path: string): Promise<Readonly<Record<string, readonly string[]>>> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new SallyportError(
      'USAGE',
      `--names ${path} is no JSON table of names to lists of addresses: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

function speaker({ output }: InsideOptions, terminal: Terminal) {
  return (event: string, fields: Readonly<Record<string, unknown>>, text: string): void => {
    if (output === 'json') terminal.out(`${JSON.stringify({ event, ...fields })}\n`);
    else terminal.err(`${text}\n`);
  };
}
