import assert from 'node:assert/strict';
import { callOf, indexResources, resourcesFromJson, walk } from '../../../explain/index.ts';
import type { Issue, ProxyNode } from '../../../model/index.ts';
import { type Configuration, createConfiguration } from '../../../pipeline/configuration.ts';
import { type GeneratedResources, generate } from '../../../pipeline/generate.ts';
import { createPipeline, type Pipeline } from '../../../pipeline/index.ts';
import { proxyOfJson } from '../../../pipeline/proxies.ts';

/** The whole pipeline with files that a test writes. */
export interface Running {
  readonly pipeline: Pipeline;
  readonly configuration: Configuration;
  /** Writes a file, or takes it away. */
  put(path: string, text: string | undefined): void;
}

export function start(mesh: Readonly<Record<string, unknown>> = {}): Running {
  const settings = { clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' };
  const pipeline = createPipeline(settings, mesh);
  const configuration = createConfiguration(pipeline);
  const put = (path: string, text: string | undefined) =>
    configuration.receive({
      source: 'test',
      put: text === undefined ? [] : [{ path, text }],
      remove: text === undefined ? [path] : [],
      synced: true,
      issues: [],
    });
  return { pipeline, configuration, put };
}

/** A gateway proxy of namespace `edge` with label `istio: edge`. */
export function gatewayProxy(more: Readonly<Record<string, unknown>> = {}): ProxyNode {
  const { value, issues } = proxyOfJson({
    type: 'router',
    namespace: 'edge',
    name: 'gw',
    ips: ['10.0.0.9'],
    labels: { istio: 'edge' },
    ...more,
  });
  assert.ok(value, JSON.stringify(issues));
  return value;
}

type Json = { readonly [name: string]: Json } & { readonly [index: number]: Json } & string;

/** What a gateway proxy gets for some documents. */
export interface Served {
  readonly resources: GeneratedResources;
  /** Listeners and route configurations by name, as loosely typed JSON. */
  readonly listeners: Readonly<Record<string, Json>>;
  readonly routes: Readonly<Record<string, Json>>;
  /** `error` or `listener → cluster` (or what else happens) of a call. */
  call(call: Readonly<Record<string, unknown>>): string;
  readonly issues: readonly Issue[];
  /** Codes with the name of the object and the field. */
  readonly said: readonly string[];
}

/** Serves documents to one gateway proxy. */
export function serve(text: string, { mesh = {}, proxy = gatewayProxy() } = {}): Served {
  const running = start(mesh);
  running.put('all.yaml', text);
  running.pipeline.graph.commit((tx) => tx.set(running.pipeline.inputs.proxies, 'standing', { ...proxy, id: 'standing' }));
  assert.deepEqual([...running.pipeline.graph.failures.entries()], []);
  const resources = generate(running.pipeline, proxy);
  const index = indexResources(resourcesFromJson(resources));
  const byName = (list: readonly unknown[]) => Object.fromEntries((list as { name: string }[]).map((one) => [one.name, one]));
  const issues = running.configuration.issues();
  return {
    resources,
    listeners: byName(resources.listeners) as unknown as Readonly<Record<string, Json>>,
    routes: byName(resources.routes) as unknown as Readonly<Record<string, Json>>,
    call(json) {
      const { value, issues: wrong } = callOf(json);
      assert.ok(value, JSON.stringify(wrong));
      const { error, virtualHost = '', cluster = '', detail } = walk(index, value);
      const weights = detail?.weighted?.map((to) => `${to.cluster}=${to.weight}`).join(' ');
      return error ?? [virtualHost, weights ?? (cluster || detail?.action)].filter(Boolean).join(' → ');
    },
    issues,
    said: issues.map(({ code, object, field = [] }) => `${code} ${object?.name} ${field.join('.')}`),
  };
}

const document = (kind: string, name: string, spec: string, namespace: string): string => `---
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
`;

/** A Gateway `edge/<name>` for the proxy with servers as flow mappings. */
export const gateway = (name: string, ...servers: string[]): string =>
  document('Gateway', name, `{selector: {istio: edge}, servers: [${servers.join(', ')}]}`, 'edge');

/** One server. `more` continues the mapping: `tls: {…}`. */
export const server = (port: number, protocol: string, hosts: string, more = ''): string =>
  `{port: {number: ${port}, name: p${port}, protocol: ${protocol}}, hosts: [${hosts}]${more && `, ${more}`}}`;

/** A VirtualService for Gateway `edge/g`. */
export const routes = (name: string, hosts: string, rules: string, namespace = 'shop', gateways = 'edge/g'): string =>
  document('VirtualService', name, `{hosts: [${hosts}], gateways: [${gateways}], ${rules}}`, namespace);

/** A ServiceEntry for a host that is resolved by DNS. */
export const entry = (host: string, ports = '{number: 443, name: tls, protocol: TLS}'): string =>
  document('ServiceEntry', host.replace(/[^a-z]/g, '-'), `{hosts: ["${host}"], ports: [${ports}], resolution: DNS}`, 'shop');

/** Workloads as an entry lists them: one that ends mesh TLS, one that does not. */
export const MUTUAL = '{address: 10.1.0.1, labels: {v: "1", security.istio.io/tlsMode: istio}}';
export const PLAIN = '{address: 10.1.0.2, labels: {v: "2"}}';

/** A service of the mesh at ports 80 and 90 of its workloads. */
export const inside = (host: string, resolution = 'STATIC', workloads = `${MUTUAL}, ${PLAIN}`): string => {
  const ports = '{number: 80, name: http, protocol: HTTP}, {number: 90, name: grpc, protocol: GRPC}';
  const spec = `{hosts: ["${host}"], location: MESH_INTERNAL, ports: [${ports}], resolution: ${resolution}, endpoints: [${workloads}]}`;
  return document('ServiceEntry', host.replace(/[^a-z]+/g, '-').replace(/^-/, ''), spec, 'shop');
};

/** A rule with subset `v1`, for at most 7 connections, and with TLS if `mode` asks for it. */
export const subsets = (host: string, mode = ''): string => {
  const tls = mode && `, tls: {mode: ${mode}}`;
  const policy = `{connectionPool: {tcp: {maxConnections: 7}}${tls}}`;
  return rule('subsets', `{host: ${host}, trafficPolicy: ${policy}, subsets: [{name: v1, labels: {v: "1"}}]}`);
};

export const rule = (name: string, spec: string): string => document('DestinationRule', name, spec, 'shop');

/** Everything of one kind of rule to a host: `http: [{…}]`. */
export const to = (kind: 'http' | 'tcp', host: string, more = ''): string =>
  `${kind}: [{${more && `${more}, `}route: [{destination: {host: ${host}, port: {number: 443}}}]}]`;
