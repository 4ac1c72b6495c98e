import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type AdsServer, createAdsServer, type Nack } from 'sallyport/ads/index.ts';
import { bootstrapJson, bootstrapOf } from 'sallyport/agent/bootstrap/index.ts';
import { openNamespace, variantFor } from 'sallyport/agent/capture/index.ts';
import { resolveEnvoy } from 'sallyport/agent/envoy-binary.ts';
import { AdminClient } from 'sallyport/agent/proxy/admin-client.ts';
import { launchOf } from 'sallyport/agent/proxy/launch.ts';
import { findTool } from 'sallyport/agent/tools.ts';
import type { Call } from 'sallyport/explain/index.ts';
import type { AccessRecord } from '../lab/access-log.ts';
import { makeCertificates } from '../lab/certificates.ts';
import { run } from '../lab/ran.ts';
import { type Talker, talker } from '../testing/lines.ts';
import type { Seen } from './seen.ts';
import { type Lists, NOTHING, Tables } from './tables.ts';

/** How a caller's connections come to the proxy: captured on their way out or in, or by its own sockets. */
export type Way = 'outbound' | 'inbound' | 'direct';

export interface Performed {
  readonly seen: Seen;
  /** What the access log has of this connection. */
  readonly records: readonly AccessRecord[];
}

/** A real Envoy among stand-ins in a namespace of its own, which takes one set of resources after the other. */
export interface Machine {
  readonly envoyVersion: string;
  /** Puts resources in force and resolves when the proxy works by them; with what it refused of them. */
  take(lists: Lists): Promise<readonly Nack[]>;
  /** Makes calls, each on a connection of its own. The answers stand in the order of the calls. */
  perform(calls: readonly { readonly call: Call; readonly way: Way }[]): Promise<readonly Performed[]>;
  close(): Promise<void>;
}

const PORTS = { standIns: 19_000, dns: 19_053, metrics: 15_090, outbound: 15_001, inbound: 15_006 } as const;
/** By the user a connection is told whose it is. Envoy stays root: gateways listen on ports below 1024. */
const USERS: Readonly<Record<Way, number>> = { outbound: 65_534, inbound: 65_533, direct: 65_532 };

/**
 * The product's own rules know one application and one way; these know three callers by their users, and send all that
 * Envoy opens to the stand-ins' one port, so that no stand-in is in the way of what Envoy listens on.
 */
const RULES = [
  'table inet differential {',
  '  chain outbound {',
  '    type nat hook output priority -100; policy accept;',
  `    meta skuid 0 meta l4proto tcp redirect to :${PORTS.standIns}`,
  `    meta skuid ${USERS.outbound} meta l4proto tcp redirect to :${PORTS.outbound}`,
  `    meta skuid ${USERS.inbound} meta l4proto tcp redirect to :${PORTS.inbound}`,
  '  }',
  '}',
  '',
].join('\n');

type EnvoyLine = AccessRecord;
type CallerLine = Seen | { readonly ready: true };

/** Opens the laboratory. Whoever opens it closes it. */
export async function openMachine(): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'differential-'));
  await chmod(folder, 0o755);
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of closers.splice(0).reverse()) await step();
  };
  try {
    const envoy = await resolveEnvoy();
    const tables = new Tables();
    const nacks: Nack[] = [];
    const server = createAdsServer(tables.inputs, {
      onConnect: (nodes) => tables.connect(nodes),
      onDisconnect: () => {},
      onNack: (nack) => nacks.push(nack),
      onNotice: () => {},
    });
    closers.push(() => server.close(0));
    const at = (name: string) => join(folder, name);
    await server.listenUnix(at('ads.sock'));

    const namespace = await openNamespace({ variant: variantFor(), reach: 'lab' });
    closers.push(() => namespace.close());
    await writeFile(at('rules.nft'), RULES);
    const loaded = await run(namespace.inside([findTool('nft') ?? 'nft', '-f', at('rules.nft')]));
    if (loaded.code !== 0) throw new Error(`the rules were refused: ${loaded.stderr}`);

    const { folder: certificates } = await makeCertificates(at('certificates'), ['stand-in']);
    const keys = [join(certificates, 'stand-in.key'), join(certificates, 'stand-in.pem')];
    const inside = <T>(command: readonly string[]) => {
      const started = talker<T>(namespace.inside(command));
      closers.push(() => started.end('SIGKILL'));
      return started;
    };
    const standIns = inside<{ readonly ready: true }>([
      process.execPath,
      fileURLToPath(import.meta.resolve('./stand-ins.ts')),
      String(PORTS.standIns),
      String(PORTS.dns),
      ...keys,
    ]);
    const callerOf = (way: Way) =>
      inside<CallerLine>([process.execPath, fileURLToPath(import.meta.resolve('./caller.ts')), String(USERS[way])]);
    const callers = { outbound: callerOf('outbound'), inbound: callerOf('inbound'), direct: callerOf('direct') };

    const bootstrap = bootstrapOf({
      identity: { name: 'differential', namespace: 'default', ips: ['10.99.0.2'] },
      interception: {
        mode: 'REDIRECT',
        dnsCapture: false,
        unprivileged: false,
        statusPort: 15_021,
        metricsPort: PORTS.metrics,
      },
      source: { kind: 'ads', place: { kind: 'unix', path: at('ads.sock') } },
      adminPath: at('admin.sock'),
      sdsPath: at('sds.sock'),
      resolver: { address: '127.0.0.1', port: PORTS.dns },
      metrics: { address: '127.0.0.1', port: PORTS.metrics },
    });
    await writeFile(at('envoy.json'), bootstrapJson(bootstrap));
    const { command } = launchOf({
      binary: envoy.path,
      bootstrapPath: at('envoy.json'),
      rights: { kind: 'as-we-are' },
      concurrency: 1,
      drainSeconds: 1,
      parentShutdownSeconds: 2,
      logLevel: 'error',
    });
    const proxy = inside<EnvoyLine>([...command, '--drain-strategy', 'immediate']);
    const admin = new AdminClient(at('admin.sock'));

    for (const one of [standIns, ...Object.values(callers)]) await (one as Talker<object>).until((line) => 'ready' in line);
    await untilLive(admin, proxy);
    return {
      envoyVersion: envoy.version,
      take: async (lists) => {
        // From nothing each time, so that a difference belongs to one configuration alone.
        for (const step of [NOTHING, lists]) {
          nacks.length = 0;
          tables.replace(step);
          await settled(server, admin);
        }
        return [...nacks];
      },
      perform: (calls) => perform(calls, callers, proxy),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function untilLive(admin: AdminClient, proxy: Talker<EnvoyLine>): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 50) {
    const answer = await admin.get('/ready').catch(() => undefined);
    if (answer?.status === 200) return;
    if (proxy.child.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`Envoy does not get ready: ${proxy.said().slice(-2_000)}`);
}

async function settled(server: AdsServer, admin: AdminClient): Promise<void> {
  let [calm, last] = [0, ''];
  for (let waited = 0; waited < 10_000; waited += 20) {
    await sleep(20);
    const quiet = server.status().every(({ types }) => types.every((type) => !type.pending && type.unanswered === 0));
    if (!quiet) {
      [calm, last] = [0, `not acknowledged: ${JSON.stringify(server.status())}`];
      continue;
    }
    const warming = await admin.statistics('^(listener_manager.total_listeners_warming|cluster_manager.warming_clusters)$');
    const isWarm = [...warming.values()].every((count) => count === 0);
    [calm, last] = [isWarm ? calm + 1 : 0, `warming: ${JSON.stringify([...warming])}`];
    if (calm === 3) return;
  }
  throw new Error(`Envoy does not come to rest on new resources, ${last}`);
}

/** At a time; the stand-ins and the callers are one process each. */
const AT_ONCE = 8;
let orders = 0;

async function perform(
  calls: readonly { readonly call: Call; readonly way: Way }[],
  callers: Readonly<Record<Way, Talker<CallerLine>>>,
  proxy: Talker<EnvoyLine>,
): Promise<Performed[]> {
  const first = proxy.lines.length;
  const seen: Seen[] = [];
  let next = 0;
  const line = async (): Promise<void> => {
    for (let i = next++; i < calls.length; i = next++) {
      const { call, way } = calls[i]!;
      const caller = callers[way];
      const id = orders++;
      const from = caller.lines.length;
      caller.child.stdin?.write(`${JSON.stringify({ id, call })}\n`);
      seen[i] = (await caller.until((said) => 'id' in said && said.id === id, { from })) as Seen;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  const recordsOf = ({ localPort }: Seen) =>
    proxy.lines.slice(first).filter((record) => String(record['downstream_remote_address']).endsWith(`:${localPort}`));
  // A connection is logged when it is over; one that ended in a handshake may never be.
  for (let waited = 0; waited < 1_500 && seen.some((one) => one.localPort !== 0 && recordsOf(one).length === 0); waited += 50)
    await sleep(50);
  return seen.map((one) => ({ seen: one, records: recordsOf(one) }));
}
