import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ScriptedServer, startScriptedServer } from 'sallyport/dns/testing/scripted-server.ts';
import { columns } from './columns.ts';
import { type Envoys, startEnvoys } from './envoys.ts';

export type Asker = 'proxy' | 'control-plane';

export interface DnsResult {
  readonly asker: Asker;
  readonly proxies: number;
  /** Of all proxies together, over all names. */
  readonly queriesPerMinute: number;
  /** From the change of the zone to the first call at the new address, in milliseconds: of the quickest and of the slowest proxy that was looked at. */
  readonly newAddressMs: readonly [number, number];
  /** While every query was left unanswered. */
  readonly outage: { readonly seconds: number; readonly calls: number; readonly lost: number };
}

export interface DnsOptions {
  readonly proxies: readonly number[];
  readonly windowSeconds: number;
  readonly outageSeconds: number;
}

const NAMES = ['one', 'two', 'three', 'four'].map((name) => `${name}.example.com`);
const TTL = 5;
const [OLD, NEW] = ['127.0.0.101', '127.0.0.102'];
const CALLS_PER_SECOND = 20;
/** A call through every proxy would measure the machine. */
const MOST_LOOKED_AT = 5;

/** One who asks, and so many proxies, with a DNS server and upstreams of their own. */
interface World {
  readonly asker: Asker;
  readonly ports: readonly number[];
  readonly dns: ScriptedServer;
  readonly envoys: Envoys;
  stop(): Promise<void>;
}

/**
 * An authoritative server that counts, a control plane as a user starts it, and real Envoys: what looking names up costs, how soon
 * a new address is used, and what a resolver that is away does to calls. All at the same time, for most of it is waiting.
 * Goals: issue 5.
 */
export async function measureDns({ proxies, windowSeconds, outageSeconds }: DnsOptions): Promise<DnsResult[]> {
  const cases = proxies.flatMap((count) => (['proxy', 'control-plane'] as const).map((asker) => ({ asker, count })));
  const worlds: World[] = [];
  try {
    // One after the other, so that nobody waits long for a processor.
    for (const { asker, count } of cases) worlds.push(await startWorld(asker, count));
    // The first answers of proxies that started together run out together.
    await sleep(2 * TTL * 1_000);
    return await Promise.all(worlds.map((world) => measureWorld(world, windowSeconds, outageSeconds)));
  } finally {
    await Promise.all(worlds.map((world) => world.stop()));
  }
}

async function measureWorld(
  { asker, ports, dns, envoys }: World,
  windowSeconds: number,
  outageSeconds: number,
): Promise<DnsResult> {
  const before = dns.queries.length;
  await sleep(windowSeconds * 1_000);
  const queriesPerMinute = ((dns.queries.length - before) * 60) / windowSeconds;
  const looked = ports.slice(0, MOST_LOOKED_AT);
  const changed = performance.now();
  for (const name of NAMES) dns.script(name, { addresses: [NEW], ttl: TTL });
  const used = async (at: number): Promise<number> => {
    await until(at, NAMES[0]!, NEW, 60_000, envoys);
    return performance.now() - changed;
  };
  const took = await Promise.all(looked.map(used));
  const outage = await duringOutage(dns, looked, outageSeconds);
  return { asker, proxies: ports.length, queriesPerMinute, newAddressMs: [Math.min(...took), Math.max(...took)], outage };
}

async function startWorld(asker: Asker, proxies: number): Promise<World> {
  const closing: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'bench-dns-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const first = await answering(OLD);
    closing.push(() => first.close());
    const { port } = first.address() as AddressInfo;
    const second = await answering(NEW, port);
    closing.push(() => second.close());
    const dns = await startScriptedServer(Object.fromEntries(NAMES.map((name) => [name, { addresses: [OLD], ttl: TTL }])));
    closing.push(() => dns.close());
    const [xdsPort = 0, ...ports] = await freePorts(proxies + 1);
    const control = await startControlPlane(folder, xdsPort, meshFiles(asker, dns.port, port, ports));
    closing.push(async () => {
      control.kill('SIGTERM');
      await once(control, 'exit');
    });
    const nodes = ports.map((_, i) => ({ name: `p${i}`, namespace: `n${i}` }));
    const envoys = await startEnvoys({ folder, nodes, xdsPort, dnsPort: dns.port });
    closing.push(() => envoys.stop());
    for (const at of ports) await until(at, NAMES[0]!, OLD, 120_000, envoys);
    return { asker, ports, dns, envoys, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function duringOutage(dns: ScriptedServer, looked: readonly number[], seconds: number): Promise<DnsResult['outage']> {
  dns.silent = true;
  let [calls, lost] = [0, 0];
  for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
    const at = looked[calls % looked.length]!;
    const name = NAMES[calls % NAMES.length]!;
    calls += 1;
    // Of names whose time had not come yet the old address is still right.
    const got = await answerOf(at, name);
    if (got !== NEW && got !== OLD) lost += 1;
    await sleep(1_000 / CALLS_PER_SECOND);
  }
  dns.silent = false;
  return { seconds, calls, lost };
}

async function until(at: number, name: string, wanted: string, ms: number, envoys: Envoys): Promise<void> {
  let got = '';
  for (const end = performance.now() + ms; performance.now() < end; await sleep(20)) {
    got = await answerOf(at, name);
    if (got === wanted) return;
  }
  throw new Error(`${name} gives ${got}, not ${wanted}, through the proxy at ${at}: ${envoys.said()}`);
}

/** One call through the forward proxy of one Envoy: the address that answered, or the status, or the error. */
function answerOf(at: number, name: string): Promise<string> {
  return new Promise((resolve) => {
    const call = request(
      { host: '127.0.0.1', port: at, path: `http://${name}/`, headers: { Host: name }, agent: false, timeout: 5_000 },
      (response) => {
        let body = '';
        response.on('data', (part) => {
          body += part;
        });
        response.on('end', () => resolve(response.statusCode === 200 ? body : String(response.statusCode)));
      },
    );
    call.on('timeout', () => call.destroy(new Error('timeout')));
    call.on('error', (error) => resolve(error.message));
    call.end();
  });
}

async function answering(address: string, port = 0): Promise<Server> {
  const server = createServer((_, response) => response.end(address)).listen(port, address);
  await once(server, 'listening');
  return server;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createTcpServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => server.listening || once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Each proxy has a namespace of its own, whose Sidecar opens a forward proxy on a port of its own. */
function meshFiles(
  asker: Asker,
  dnsPort: number,
  targetPort: number,
  ports: readonly number[],
): Readonly<Record<string, string>> {
  const entry = (host: string, i: number) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: `name-${i}`, namespace: 'istio-system' },
    spec: {
      hosts: [host],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      ports: [{ number: 80, name: 'http', protocol: 'HTTP', targetPort }],
    },
  });
  const sidecar = (number: number, i: number) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: { name: 'default', namespace: `n${i}` },
    spec: {
      egress: [
        { port: { number, name: 'proxy', protocol: 'HTTP_PROXY' }, bind: '127.0.0.1', captureMode: 'NONE', hosts: ['*/*'] },
      ],
    },
  });
  const mesh = {
    sallyport: { dns: { resolvedBy: asker, resolvers: [`127.0.0.1:${dnsPort}`] } },
    outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
  };
  return {
    'mesh.json': JSON.stringify(mesh),
    'mesh/all.yaml': [...NAMES.map(entry), ...ports.map(sidecar)].map((object) => JSON.stringify(object)).join('\n---\n'),
  };
}

async function startControlPlane(folder: string, port: number, files: Readonly<Record<string, string>>): Promise<ChildProcess> {
  await mkdir(join(folder, 'mesh'));
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  const main = fileURLToPath(import.meta.resolve('sallyport/cli/main.ts'));
  const args = ['run', '-f', join(folder, 'mesh'), '--mesh-config', join(folder, 'mesh.json'), '--xds', `127.0.0.1:${port}`];
  const child = spawn(process.execPath, [main, ...args, '--runtime-dir', join(folder, 'run'), '-o', 'json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout! })) if (line.includes('"event":"ready"')) break;
  child.stdout!.resume();
  return child;
}

export function dnsText(results: readonly DnsResult[]): string {
  const lines = results.map(({ asker, proxies, queriesPerMinute, newAddressMs: [least, most], outage }) => {
    const other = results.find((one) => one.asker === 'proxy' && one.proxies === proxies);
    const share =
      asker === 'proxy' || other === undefined || queriesPerMinute === 0
        ? ''
        : `1/${(other.queriesPerMinute / queriesPerMinute).toFixed(1)}`;
    const range = `${Math.round(least)} to ${Math.round(most)}`;
    return [
      asker,
      String(proxies),
      queriesPerMinute.toFixed(0),
      share,
      range,
      `${outage.lost} of ${outage.calls} in ${outage.seconds} s`,
    ];
  });
  const head = ['who asks', 'proxies', 'queries/min', 'of proxy', 'ms until a new address', 'calls lost in an outage'];
  return `${NAMES.length} names, TTL ${TTL} s\n${columns([head, ...lines])}\ngoals: at 50 proxies at most 1/20 of the queries; no call lost in an outage of 60 s`;
}
