import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DescMessage, fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { ClusterSchema } from '@sallyport/apis/cluster';
import { ClusterLoadAssignmentSchema } from '@sallyport/apis/endpoint';
import { ListenerSchema } from '@sallyport/apis/listener';
import { registry } from '@sallyport/apis/registry';
import { RouteConfigurationSchema } from '@sallyport/apis/route';
import { type AdsServer, createAdsServer, type Nack } from 'sallyport/ads/index.ts';
import { bootstrapJson, bootstrapOf } from 'sallyport/agent/bootstrap/index.ts';
import { openNamespace } from 'sallyport/agent/capture/index.ts';
import { resolveEnvoy } from 'sallyport/agent/envoy-binary.ts';
import { AdminClient } from 'sallyport/agent/proxy/admin-client.ts';
import { certificateOf, type Material, rootsOf, secretBytes } from 'sallyport/agent/sds/material.ts';
import { SecretTable } from 'sallyport/agent/sds/secret-table.ts';
import { listenForSecrets } from 'sallyport/agent/sds/server.ts';
import { createGraph, type Input } from 'sallyport/collection/index.ts';
import { contentHash } from 'sallyport/lib/hash.ts';
import { linkKey, type ProxyClass, type Resource, type ResourceLink, type ResourceType } from 'sallyport/model/index.ts';
import type { GeneratedResources } from 'sallyport/pipeline/generate.ts';
import { makeCertificates } from '../lab/certificates.ts';

/** A real Envoy in a namespace of its own that is given one set of resources after the other, and every secret that they name. */
export interface VectorEnvoy {
  /** What this set came to: rejections, and listeners or clusters that did not get past warming within the patience. */
  take(resources: GeneratedResources): Promise<Taken>;
  close(): Promise<void>;
}

export interface Taken {
  readonly nacks: readonly Nack[];
  readonly isLive: boolean;
  readonly warming: number;
}

const CLASS = 'vectors';
const PATIENCE_MS = 10_000;

interface Tables {
  readonly links: Input<ResourceLink>;
  readonly resources: Input<Resource>;
}

export async function startVectorEnvoy(): Promise<VectorEnvoy> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-vectors-'));
  const namespace = await openNamespace({ variant: 'root', reach: 'lab' });
  const material = await makeMaterial(folder);
  const secrets = await listenForSecrets({
    path: join(folder, 'sds.sock'),
    table: new SecretTable((name, put) => {
      put(/^(ROOTCA|file-root:)/.test(name) ? material.roots : material.certificate);
      return () => {};
    }),
    say: () => {},
  });
  const graph = createGraph();
  const classOf = graph.input<ProxyClass>('classOf', (a, b) => a.id === b.id);
  const tables = new Map(TYPES.map((type) => [type, tablesOf(graph, type)]));
  const nacks: Nack[] = [];
  const ads = createAdsServer(
    { graph, tables: [...tables].map(([type, both]) => ({ type, ...both })), classOf },
    {
      onConnect: (nodes) =>
        graph.commit((tx) => {
          for (const { id } of nodes) tx.set(classOf, id, { id: CLASS } as ProxyClass);
        }),
      onDisconnect: () => {},
      onNack: (nack) => nacks.push(nack),
      onNotice: () => {},
    },
  );
  await ads.listenUnix(join(folder, 'xds.sock'));
  const envoy = await startEnvoy(folder, (command) => namespace.inside(command));
  const admin = new AdminClient(join(folder, 'admin.sock'), 5_000);

  const put = (wanted: ReadonlyMap<ResourceType, readonly Resource[]>): void =>
    graph.commit((tx) => {
      for (const [type, { links, resources }] of tables) {
        const now = new Map((wanted.get(type) ?? []).map((r) => [r.name, r]));
        for (const [key, { name, target }] of links.entries()) {
          // A secret that is taken away ends Envoy 1.40 (segmentation fault) while a listener that names it is still there.
          if (now.has(name) || type === 'secret') continue;
          tx.set(links, key, undefined);
          tx.set(resources, target, undefined);
        }
        for (const [name, resource] of now) {
          tx.set(resources, name, resource);
          tx.set(links, linkKey({ class: CLASS, type, name }), { class: CLASS, type, name, target: name });
        }
      }
    });

  return {
    async take(resources) {
      nacks.length = 0;
      put(encoded(resources, material));
      return untilTaken(ads, admin, nacks, envoy);
    },
    async close() {
      envoy.kill('SIGKILL');
      await ads.close(0);
      await secrets.close();
      await namespace.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const TYPES = ['cluster', 'endpoints', 'listener', 'route', 'secret'] as const satisfies readonly ResourceType[];

function tablesOf(graph: ReturnType<typeof createGraph>, type: ResourceType): Tables {
  return {
    links: graph.input<ResourceLink>(`${type} links`, (a, b) => a.target === b.target),
    resources: graph.input<Resource>(`${type} resources`, (a, b) => a.version === b.version),
  };
}

interface Materials {
  readonly certificate: Material;
  readonly roots: Material;
}

async function makeMaterial(folder: string): Promise<Materials> {
  const { caFile, folder: made } = await makeCertificates(join(folder, 'certificates'), ['workload']);
  const read = (file: string) => readFile(join(made, file), 'utf8');
  return {
    certificate: certificateOf(await read('workload.pem'), await read('workload.key')),
    roots: rootsOf(await readFile(caFile, 'utf8')),
  };
}

/** The resources as bytes, and with them the secrets that they take from the control plane: Envoy waits for each one named. */
function encoded(resources: GeneratedResources, material: Materials): Map<ResourceType, Resource[]> {
  const bytesOf = (type: ResourceType, schema: DescMessage, all: readonly JsonValue[]): Resource[] =>
    all.map((json) => {
      const { name, clusterName } = json as { name?: string; clusterName?: string };
      return resourceOf(type, name ?? clusterName ?? '', toBinary(schema, fromJson(schema, json, { registry: registry() })));
    });
  const named = new Set([...JSON.stringify(resources).matchAll(/"name":"(kubernetes:\/\/[^"]+)"/g)].map(([, name]) => name!));
  const secrets = [...named].map((name) =>
    resourceOf('secret', name, secretBytes(name, /-cacert$/.test(name) ? material.roots : material.certificate)),
  );
  return new Map<ResourceType, Resource[]>([
    ['cluster', bytesOf('cluster', ClusterSchema, resources.clusters)],
    ['endpoints', bytesOf('endpoints', ClusterLoadAssignmentSchema, resources.endpoints)],
    ['listener', bytesOf('listener', ListenerSchema, resources.listeners)],
    ['route', bytesOf('route', RouteConfigurationSchema, resources.routes)],
    ['secret', secrets],
  ]);
}

function resourceOf(type: ResourceType, name: string, bytes: Uint8Array): Resource {
  return { type, name, version: contentHash(bytes), bytes };
}

async function startEnvoy(folder: string, inside: (command: readonly string[]) => string[]): Promise<ChildProcess> {
  const { path } = await resolveEnvoy();
  const bootstrap = bootstrapOf({
    identity: { name: 'vectors', namespace: 'default', ips: ['10.99.0.2'] },
    interception: {
      mode: 'REDIRECT',
      dnsCapture: false,
      statusPort: 15021,
      metricsPort: 15090,
      unprivileged: false,
      hasCertificate: true,
    },
    source: { kind: 'ads', place: { kind: 'unix', path: join(folder, 'xds.sock') } },
    adminPath: join(folder, 'admin.sock'),
    sdsPath: join(folder, 'sds.sock'),
    resolver: { address: '127.0.0.1', port: 15054 },
    metrics: { address: '127.0.0.1', port: 15090 },
  });
  // All statistics, because those that say what is warming are not among the ones kept for people.
  const { statsConfig: _, deferredStatOptions: __, ...rest } = JSON.parse(bootstrapJson(bootstrap)) as Record<string, unknown>;
  const config = join(folder, 'bootstrap.json');
  await writeFile(config, JSON.stringify(rest));
  const command = inside([
    path,
    '-c',
    config,
    '--disable-hot-restart',
    '--concurrency',
    '1',
    '--log-level',
    'error',
    '--skip-deprecated-logs',
    '--drain-time-s',
    '1',
  ]);
  const envoy = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
  await Promise.race([once(envoy, 'spawn'), once(envoy, 'error').then(([error]) => Promise.reject(error as Error))]);
  return envoy;
}

const WARMING = '^(listener_manager\\.total_listeners_warming|cluster_manager\\.warming_clusters)$';

async function untilTaken(ads: AdsServer, admin: AdminClient, nacks: readonly Nack[], envoy: ChildProcess): Promise<Taken> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    if (envoy.exitCode !== null || envoy.signalCode !== null)
      throw new Error(`Envoy ended with ${envoy.exitCode ?? envoy.signalCode}`);
    const [stream] = ads.status();
    const isQuiet = stream?.types.every((type) => !type.pending && type.unanswered === 0) ?? false;
    const counts = isQuiet ? await admin.statistics(WARMING).catch(() => new Map<string, number>()) : new Map<string, number>();
    const warming = counts.size === 0 ? -1 : [...counts.values()].reduce((sum, n) => sum + n, 0);
    const isLive = warming === 0 && (await admin.get('/ready').catch(() => ({ body: '' }))).body.trim() === 'LIVE';
    if (isLive && ads.status()[0]?.types.every((type) => !type.pending && type.unanswered === 0))
      return { nacks: [...nacks], isLive, warming };
    if (performance.now() > until) return { nacks: [...nacks], isLive, warming };
    await sleep(5);
  }
}
