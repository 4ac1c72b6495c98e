import { readFile } from 'node:fs/promises';
import { parseYamlValue } from '../config/index.ts';
import { lookAtLedger, memoryStore } from '../ledger/index.ts';
import { SallyportError } from '../lib/error.ts';
import { keepAddresses } from '../pipeline/addresses.ts';
import { type Configuration, createConfiguration } from '../pipeline/configuration.ts';
import { createPipeline, type Pipeline, type Vip } from '../pipeline/index.ts';
import { load } from '../source/index.ts';

export interface OfflineOptions {
  readonly file: readonly string[];
  readonly namespace: string;
  readonly meshConfig?: string;
  readonly vip: Vip;
  /** Folder of a ledger whose addresses are taken over. */
  readonly ledger?: string;
  readonly rootNamespace: string;
  readonly cluster: string;
  readonly vipClusterName: string;
  readonly glooV1: '1.1' | '1.2';
}

export interface Offline {
  readonly pipeline: Pipeline;
  readonly configuration: Configuration;
}

/** The same pipeline as a running control plane's, filled once from files and standard input. */
export async function openOffline(options: OfflineOptions): Promise<Offline> {
  if (options.file.length === 0)
    throw new SallyportError('USAGE', 'name what to read: -f FILE, -f DIR, or -f - for standard input');
  const { ledger } = options;
  const opened = openPipeline(options, await meshOverlay(options.meshConfig));
  keepAddresses(opened.pipeline, { store: memoryStore(ledger === undefined ? undefined : lookAtLedger(ledger)), now: Date.now });
  opened.configuration.receive(await load(options.file, process.stdin));
  return opened;
}

export type PipelineOptions = Omit<OfflineOptions, 'file' | 'meshConfig' | 'ledger'>;

/** `live`: the configuration will change, and then documents keep their ages; offline, they are as old as their place says (design.md section 4). */
export function openPipeline(options: PipelineOptions, overlay: Readonly<Record<string, unknown>>, live = false): Offline {
  const settings = {
    clusterDomain: 'cluster.local',
    clusterId: 'Kubernetes',
    rootNamespace: options.rootNamespace,
    vip: options.vip,
    gloo: { cluster: options.cluster, vipClusterName: options.vipClusterName, v1Profile: `v${options.glooV1}` },
  } as const;
  const pipeline = createPipeline(settings, overlay);
  return { pipeline, configuration: createConfiguration(pipeline, { defaultNamespace: options.namespace, keepAges: live }) };
}

/** Reads `--mesh-config`. Throws USAGE for a file that cannot be read or is no mapping: without it nothing would mean what the user meant. */
export async function meshOverlay(path: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  if (path === undefined) return {};
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new SallyportError('USAGE', `--mesh-config ${path} cannot be read: ${cause.message}`, { cause });
  });
  const { value, issues } = parseYamlValue(text, path);
  const wrong = issues.find((issue) => issue.severity === 'error');
  if (wrong !== undefined)
    throw new SallyportError('USAGE', `--mesh-config ${path}:${wrong.origin?.line ?? 1}: ${wrong.message}`);
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new SallyportError('USAGE', `--mesh-config ${path} holds no mapping of settings`);
  return value as Record<string, unknown>;
}
