import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type CallOutcome, callOf, indexResources, resourcesFromJson, walk } from '../explain/index.ts';
import { canonicalJson } from '../lib/json.ts';
import type { Issue, ProxyNode } from '../model/index.ts';
import { type Configuration, createConfiguration } from './configuration.ts';
import { generate } from './generate.ts';
import { createPipeline, type Pipeline } from './index.ts';
import { proxyOfJson } from './proxies.ts';
import { HOSTS, idOf, type RandomDocument, randomDocument, randomMesh, textOf } from './testing/random-mesh.ts';

const PROXIES = [
  { namespace: 'shop', name: 'web', ips: ['10.9.0.1'], labels: { app: 'web' } },
  { namespace: 'bank', name: 'pay', ips: ['10.9.0.2'], metadata: { DNS_CAPTURE: 'true' } },
].map((json): ProxyNode => proxyOfJson(json).value!);
const UNDECLARED = '203.0.113.9';

/**
 * Where Istio itself lets an object change what is not its own, each a warning at one of the two objects that meet:
 * addresses that several hosts have, and VirtualServices for one host (SHADOWED); hosts declared in several namespaces, of which
 * others come to the fore (HOST_CONFLICT); ports that TCP takes whole (PORT_CONFLICT, NO_ADDRESS); routes on port 80 for hosts that nobody
 * declares (UNKNOWN_HOST).
 */
const EXCEPTIONS: ReadonlySet<string> = new Set(['SHADOWED', 'HOST_CONFLICT', 'PORT_CONFLICT', 'NO_ADDRESS', 'UNKNOWN_HOST']);

interface Running {
  readonly pipeline: Pipeline;
  readonly configuration: Configuration;
}

function start(documents: readonly RandomDocument[]): Running {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  const running = { pipeline, configuration: createConfiguration(pipeline) };
  // Findings about what proxies see need proxies that are there.
  pipeline.graph.commit((tx) => {
    for (const proxy of PROXIES)
      tx.set(pipeline.inputs.proxies, `standing ${proxy.id}`, { ...proxy, id: `standing ${proxy.id}` });
  });
  receive(running, documents);
  return running;
}

function receive({ configuration }: Running, documents: readonly RandomDocument[]): void {
  const put = documents.map((d) => ({ path: `${idOf(d)}.yaml`, text: textOf([d]) }));
  configuration.receive({ source: 'memory', put, remove: [], synced: true, issues: [] });
}

/** A VirtualService names its destinations too: they come into the scope of who imports it. */
function hostsNamedBy({ spec }: RandomDocument): readonly string[] {
  const {
    hosts,
    host,
    http = [],
  } = spec as { hosts?: string[]; host?: string; http?: { route: { destination: { host: string } }[] }[] };
  const own = hosts ?? (host === undefined ? [] : [host]);
  return [...own, ...http.flatMap(({ route }) => route.map(({ destination }) => destination.host))];
}

const names = (document: RandomDocument, host: string): boolean =>
  hostsNamedBy(document).some((name) => name === host || (name.startsWith('*') && host.endsWith(name.slice(1))));

/** What there is for each host, as text by what it is: clusters, virtual hosts, and what declared calls come to. */
type Found = ReadonlyMap<string, Map<string, string>>;

function look({ pipeline }: Running, mesh: readonly RandomDocument[]): Found {
  const found: Found = new Map(HOSTS.map((host) => [host, new Map<string, string>()]));
  for (const proxy of PROXIES) {
    const resources = generate(pipeline, proxy);
    for (const cluster of resources.clusters as { name: string }[])
      found.get(cluster.name.split('|')[3] ?? '')?.set(`${proxy.name} cluster ${cluster.name}`, canonicalJson(cluster));
    for (const { name, virtualHosts = [] } of resources.routes as unknown as readonly RoutesJson[])
      for (const virtualHost of virtualHosts) {
        // A network as a domain is Istio's spelling; no request is for it.
        const domains = virtualHost.domains.filter((domain) => !domain.includes('/'));
        const place = `${proxy.name} route ${name} ${virtualHost.name}`;
        found.get(virtualHost.name.replace(/:\d+$/, ''))?.set(place, canonicalJson({ ...virtualHost, domains }));
      }
    const index = indexResources(resourcesFromJson(resources));
    for (const [host, json] of mesh.filter((document) => isExportedTo(document, proxy)).flatMap(callsTo)) {
      const { steps: _, ...outcome } = walk(index, callOf(json).value!);
      if (isFor(outcome, host))
        found.get(host)!.set(`${proxy.name} call ${JSON.stringify(json)}`, JSON.stringify(ownPart(outcome, host)));
    }
  }
  return found;
}

/** An address that only others are told of is nobody's for this proxy. */
function isExportedTo({ metadata, spec }: RandomDocument, { namespace }: ProxyNode): boolean {
  const { exportTo = ['*'] } = spec as { exportTo?: readonly string[] };
  return exportTo.some((to) => to === '*' || (to === '.' ? metadata.namespace : to) === namespace);
}

interface RoutesJson {
  readonly name: string;
  readonly virtualHosts?: readonly VirtualHostJson[];
}

interface VirtualHostJson {
  readonly name: string;
  readonly domains: readonly string[];
}

interface PortJson {
  readonly number: number;
  readonly protocol?: string;
}

/** Calls that an entry is made for: by its names, and by its addresses, in the protocols of its ports. */
function callsTo({ kind, spec }: RandomDocument): (readonly [host: string, call: object])[] {
  if (kind !== 'ServiceEntry') return [];
  const { hosts, ports, addresses = [] } = spec as { hosts: string[]; ports: PortJson[]; addresses?: string[] };
  const own = addresses.filter((address) => !address.includes('/'));
  return hosts.flatMap((host) =>
    ports.flatMap(({ number: port, protocol = 'auto' }) =>
      [...own, UNDECLARED].flatMap((address) => {
        const name = host.replace('*', 'a');
        const isHttp = ['HTTP', 'GRPC', 'auto'].includes(protocol);
        const isTls = ['TLS', 'HTTPS', 'auto'].includes(protocol);
        return [
          ...(isHttp ? [[host, { address, port, protocol: 'http', host: name }] as const] : []),
          ...(isTls ? [[host, { address, port, protocol: 'tcp', tls: 'tls', sni: name }] as const] : []),
          ...(protocol !== 'HTTP' && protocol !== 'GRPC' && address !== UNDECLARED
            ? [[host, { address, port, protocol: 'tcp' }] as const]
            : []),
        ];
      }),
    ),
  );
}

/** Whether a call came to the host's cluster or virtual host, and not to another's or to none. */
function isFor({ cluster = '', virtualHost = '', detail }: Omit<CallOutcome, 'steps'>, host: string): boolean {
  const clusters = [cluster, ...(detail?.weighted ?? []).map((to) => to.cluster)];
  return clusters.some((name) => name.endsWith(`|${host}`)) || virtualHost.startsWith(`${host}:`);
}

/** What a call comes to, without what the clusters of other hosts are: they are looked at as those of their hosts. */
function ownPart({ detail, ...outcome }: Omit<CallOutcome, 'steps'>, host: string): object {
  if (detail === undefined) return outcome;
  const upstreams = detail.upstreams?.filter(({ cluster }) => cluster.endsWith(`|${host}`));
  return { ...outcome, detail: { ...detail, ...(upstreams && { upstreams }) } };
}

const key = ({ object }: Issue): string => `${object?.kind}/${object?.namespace}/${object?.name}`;

describe('non-interference', () => {
  it('adding an object changes clusters, routes and calls only of hosts that it names; where Istio does, it is a warning', () => {
    fc.assert(
      fc.property(randomMesh, randomDocument, (mesh, extra) => {
        fc.pre(!mesh.some((d) => idOf(d) === idOf(extra)) && extra.kind !== 'Sidecar');
        const running = start(mesh);
        const before = look(running, mesh);
        const told = [...running.configuration.issues()];
        receive(running, [extra]);
        const after = look(running, mesh);
        told.push(...running.configuration.issues());
        const warnings = told.filter(({ code, severity }) => severity !== 'info' && EXCEPTIONS.has(code)).map(key);
        for (const host of HOSTS) {
          if (names(extra, host)) continue;
          const parties = [extra, ...mesh.filter((document) => names(document, host))].map(idOf);
          for (const [place, was] of before.get(host)!) {
            const is = after.get(host)!.get(place);
            if (is === was) continue;
            assert.ok(
              parties.some((party) => warnings.includes(party)),
              `${idOf(extra)} changes ${host} without a warning: ${place}\n${was}\n${is}`,
            );
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('a host that nobody else shares anything with is never touched', () => {
    // One entry with an address and a name of its own: whatever else is added, nothing of it changes.
    const own: RandomDocument = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: { name: 'own', namespace: 'shop', creationTimestamp: '2024-01-01T00:00:09Z' },
      spec: {
        hosts: ['vm.internal'],
        addresses: ['10.77.0.1'],
        ports: [
          { number: 80, name: 'http', protocol: 'HTTP' },
          { number: 443, name: 'tls', protocol: 'TLS' },
          { number: 5432, name: 'tcp', protocol: 'TCP' },
        ],
        resolution: 'STATIC',
        endpoints: [{ address: '192.0.2.77' }],
      },
    };
    fc.assert(
      fc.property(randomMesh, (mesh) => {
        const others = mesh.filter((d) => !names(d, 'vm.internal') && d.kind !== 'Sidecar');
        const running = start([own]);
        const before = look(running, [own]).get('vm.internal')!;
        receive(running, others);
        const after = look(running, [own]).get('vm.internal')!;
        for (const [place, was] of before) {
          // Plain HTTP is told apart by the Host header alone, and by addresses: both are its own.
          assert.equal(after.get(place), was, place);
        }
      }),
      { numRuns: 40 },
    );
  });
});
