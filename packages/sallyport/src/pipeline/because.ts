import { keyHeld } from '../ads/held.ts';
import { inputsOf } from '../collection/index.ts';
import { type AccessStep, type Call, type CallOutcome, verdictOf } from '../explain/index.ts';
import { isSubsetOf } from '../lib/host.ts';
import { type ConfigObject, compareText, objectId, type ResourceType } from '../model/index.ts';
import type { Pipeline } from './index.ts';

/**
 * The objects that made a call end as it did, sorted by place: the inputs of the resources that it met, and of those made from
 * many objects (listeners, route configurations) only what speaks of the hosts in play. The class must be present.
 */
export function becauseOf(pipeline: Pipeline, classId: string, call: Call, outcome: CallOutcome): ConfigObject[] {
  const hosts = hostsInPlay(call, outcome);
  const verdict = verdictOf(outcome);
  const sidecar = pipeline.scope.scopes.get(classId)?.sidecar;
  const byPolicy = verdict === 'blocked' || verdict === 'passthrough';
  const addresses = new Set(endpointsOf(outcome).map((endpoint) => endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')));
  const all = [...inputs(pipeline, classId, outcome)];
  if (sidecar !== undefined) all.push(objectId(sidecar));
  const found = new Map<string, ConfigObject>();
  for (const id of all) {
    const object = pipeline.objects[id.split('/', 1)[0]!]?.get(id);
    if (object !== undefined && plays(object)) found.set(id, object);
  }
  for (const object of delegatesOf(found.values(), all, pipeline)) found.set(objectId(object.key), object);
  const made = [...found.values()].flatMap((object) => writtenFor(object, pipeline));
  return [...new Map(made.map((object) => [objectId(object.key), object])).values()].sort(byPlace);

  function plays(object: ConfigObject): boolean {
    const { kind, namespace, name } = object.key;
    const spec = object.spec as Json;
    switch (kind) {
      case 'ServiceEntry':
        return call.inbound || texts(spec['hosts']).some((host) => hosts.any(host));
      case 'VirtualService':
        return texts(spec['hosts']).some((host) => hosts.asked(host)) || sendsTo(spec, hosts.upstream);
      case 'DestinationRule':
        return hosts.upstream.some((host) => isNameOf(String(spec['host'] ?? ''), namespace, host));
      case 'Service':
        return call.inbound || hosts.all.some((host) => host.startsWith(`${name}.${namespace}.`));
      case 'EndpointSlice':
        return hosts.upstream.some((host) => host.startsWith(`${object.labels['kubernetes.io/service-name']}.${namespace}.`));
      case 'WorkloadEntry':
        return call.inbound || addresses.has(String(spec['address'] ?? ''));
      case 'Pod':
        return addresses.has(String((object.status as Json | undefined)?.['podIP'] ?? ''));
      case 'Sidecar':
        return sidecar !== undefined && objectId(sidecar) === objectId(object.key);
      case 'Gateway':
        return pipeline.scope.classes.get(classId)?.role === 'router';
      case 'PeerAuthentication':
        return call.inbound;
      case 'AuthorizationPolicy':
        return outcome.steps.some((step) => step.at === 'access' && decides(step, object));
      case 'ConfigMap':
        return byPolicy && !call.inbound && sidecar === undefined;
      default:
        return false;
    }
  }
}

/** The policy that fits; where nothing does that should, all that might have allowed the call. */
function decides(step: AccessStep, { key, spec }: ConfigObject): boolean {
  if (step.policy !== undefined) return step.policy.startsWith(`ns[${key.namespace}]-policy[${key.name}]-`);
  return !step.allowed && ((spec as Json)['action'] ?? 'ALLOW') === 'ALLOW';
}

type Json = Readonly<Record<string, unknown>>;

/** Ids of all objects behind the resources that the call met. */
function* inputs({ graph, envoy, objects }: Pipeline, classId: string, outcome: CallOutcome): Generator<string> {
  const names = new Set(Object.values(objects).map((table) => table.name));
  const clusters = outcome.detail?.upstreams?.map(({ cluster }) => cluster) ?? [];
  const used: [ResourceType, string | undefined][] = [
    ['listener', outcome.listener],
    ['route', outcome.routeConfig],
    ...clusters.flatMap((cluster): [ResourceType, string][] => [
      ['cluster', cluster],
      ['endpoints', cluster],
    ]),
  ];
  for (const [type, name] of used) {
    if (name === undefined || name === '') continue;
    for (const table of envoy.tables.filter((one) => one.type === type)) {
      const target = keyHeld(table, classId, name);
      const reason = target === undefined ? undefined : graph.why(table.resources, target);
      if (reason !== undefined) for (const { key } of inputsOf(reason, names)) yield key;
    }
  }
}

interface Hosts {
  /** Hosts behind the clusters that the call is sent to. */
  readonly upstream: readonly string[];
  readonly all: readonly string[];
  /** Whether a declared host, maybe a wildcard, covers what the caller asked for. */
  asked(declared: string): boolean;
  any(declared: string): boolean;
}

function hostsInPlay({ host, sni }: Call, { virtualHost = '', detail }: CallOutcome): Hosts {
  const upstream = (detail?.upstreams ?? []).map(({ cluster }) => cluster.split('|')[3] ?? '').filter((name) => name !== '');
  const asked = [host, virtualHost].map((text) => text.toLowerCase().replace(/:\d+$/, ''));
  const wanted = [...asked, sni.toLowerCase()].filter((name) => name !== '');
  const all = [...wanted, ...upstream];
  const covers = (names: readonly string[]) => (declared: string) =>
    names.some((name) => isSubsetOf(name, declared.toLowerCase()));
  return { upstream, all, asked: covers(wanted), any: covers(all) };
}

/** Whether a VirtualService that no host leads to, as for TCP, sends to one of these hosts. */
function sendsTo(spec: Json, hosts: readonly string[]): boolean {
  const routes = [spec['tcp'], spec['tls']].flatMap((list) => (Array.isArray(list) ? (list as Json[]) : []));
  const destinations = routes.flatMap(({ route }) =>
    Array.isArray(route) ? (route as { destination?: { host?: string } }[]) : [],
  );
  return destinations.some(({ destination }) => hosts.includes(destination?.host?.toLowerCase() ?? ''));
}

/** Short names are meant inside the namespace of the object. */
function isNameOf(declared: string, namespace: string, host: string): boolean {
  const full = declared.includes('.') ? declared.toLowerCase() : `${declared.toLowerCase()}.${namespace}.svc.`;
  return full.endsWith('.') ? host.startsWith(full) : isSubsetOf(host, full);
}

/** VirtualServices without hosts that one of these hands over to. */
function delegatesOf(found: Iterable<ConfigObject>, all: readonly string[], { objects }: Pipeline): ConfigObject[] {
  return [...found].flatMap(({ key, spec }) => {
    if (key.kind !== 'VirtualService') return [];
    const routes = (spec as { http?: { delegate?: { name?: string; namespace?: string } }[] }).http ?? [];
    return routes.flatMap(({ delegate }) => {
      if (delegate?.name === undefined) return [];
      const id = objectId({ kind: key.kind, namespace: delegate.namespace || key.namespace, name: delegate.name });
      const object = all.includes(id) ? objects['VirtualService']?.get(id) : undefined;
      return object === undefined ? [] : [object];
    });
  });
}

/** Of an object made from Gloo objects, those that say something in its spec; any other is itself what the user wrote. */
export function writtenFor(object: ConfigObject, { translate, inputs: { objects } }: Pipeline): ConfigObject[] {
  if (object.translatedFrom === undefined) return [object];
  const { provenance = [] } = translate.translated.get(objectId(object.key)) ?? {};
  const sources = provenance.filter(({ field }) => field[0] === 'spec').map((one) => one.object);
  return [object.translatedFrom, ...sources].flatMap((key) => objects[key.kind]?.get(objectId(key)) ?? []);
}

const endpointsOf = ({ detail }: CallOutcome): string[] => (detail?.upstreams ?? []).flatMap(({ endpoints = [] }) => endpoints);

const texts = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);

function byPlace(a: ConfigObject, b: ConfigObject): number {
  return (
    compareText(a.origin.path, b.origin.path) || a.origin.line - b.origin.line || compareText(objectId(a.key), objectId(b.key))
  );
}
