import { isWildcard } from '../../lib/host.ts';
import { ipFamily } from '../../lib/ip.ts';
import type {
  ConfigObject,
  FieldPath,
  Issue,
  IssueCode,
  ServiceEntrySpec,
  Translated,
  VirtualDestinationSpec,
  WorkloadEntrySpec,
} from '../../model/index.ts';
import { copied, type Marked, madeFrom, took } from '../sourced.ts';
import type { Destination, OriginatedTls } from './destination.ts';
import { selectedPorts } from './destination.ts';
import { entryEndpoint } from './external-endpoint.ts';
import type { ExternalPort } from './external-service.ts';
import type { ServiceObject } from './kubernetes-service.ts';
import { publishedLabels, sanitizedName } from './names.ts';
import type { Copy } from './service-entry.ts';

export type VirtualDestinationObject = ConfigObject<VirtualDestinationSpec>;

/** What a VirtualDestination selects, each in a stable order. */
export interface Backing {
  readonly external: readonly Destination[];
  readonly services: readonly ServiceObject[];
}

export interface AroundVirtualDestination extends Copy {
  readonly vip: string;
  /** Namespaces of the workspaces that see it; absent for all. */
  readonly exportTo?: readonly string[];
}

/** A port of the VirtualDestination, and what it leads to. */
export interface VirtualPort {
  readonly index: number;
  readonly number: number;
  readonly name: string;
  readonly protocol: string;
  /** TLS that the services behind it have originated. */
  readonly tls?: OriginatedTls;
}

export interface ResolvedVirtual {
  /** Ports that stand. */
  readonly ports: readonly VirtualPort[];
  readonly issues: readonly Issue[];
}

type Port = NonNullable<VirtualDestinationSpec['ports']>[number];

/** Which ports of a VirtualDestination lead somewhere (spec/gloo.md 2.8). */
export function resolveVirtual(object: VirtualDestinationObject, { external, services }: Backing): ResolvedVirtual {
  const { spec } = object;
  const issues: Issue[] = [];
  const say = (code: IssueCode, severity: Issue['severity'], field: FieldPath, message: string, hint: string): void => {
    issues.push({ code, severity, object: object.key, field: ['spec', ...field], message, hint });
  };
  if ((spec.externalWorkloads ?? []).length > 0)
    say(
      'UNSUPPORTED',
      'error',
      ['externalWorkloads'],
      'ExternalWorkloads do not register themselves yet',
      'declare the machines as ExternalEndpoints of an ExternalService',
    );
  if ((spec.externalServices ?? []).length > 0 && external.length === 0)
    say(
      'SELECTS_NOTHING',
      'warning',
      ['externalServices'],
      'no ExternalService that the workspace sees is selected',
      'mend the selectors',
    );
  if ((spec.services ?? []).length > 0 && services.length === 0)
    say('SELECTS_NOTHING', 'warning', ['services'], 'no Service that the workspace sees is selected', 'mend the selectors');
  if (services.length > 1)
    say(
      'INEFFECTIVE',
      'warning',
      ['services'],
      `${services.length} Services are selected, and one counts: ${nameOf(services[0]!)}, the oldest`,
      'select one Service',
    );
  if (external.length > 0 && services.length > 0) {
    say(
      'UNTRANSLATABLE',
      'error',
      ['externalServices'],
      'Services and external services stand behind one destination, which no ServiceEntry can say: it selects workloads, or lists endpoints',
      'write a VirtualDestination for each, and a RouteTable that shares calls out between them',
    );
    return { ports: [], issues };
  }
  const unknown = external.find((one) => unusable(one) !== undefined);
  if (unknown !== undefined) {
    say(
      'UNTRANSLATABLE',
      'error',
      ['externalServices'],
      `ExternalService ${nameOf(unknown.object)} cannot stand behind it: ${unusable(unknown)}`,
      'select ExternalServices with ExternalEndpoints or full host names',
    );
    return { ports: [], issues };
  }
  const ports = (spec.ports ?? []).flatMap((port, index): VirtualPort[] => {
    const protocol = (port.protocol ?? '').toUpperCase();
    const made = { index, number: port.number, name: `${protocol.toLowerCase()}-${port.number}`, protocol };
    const missing = external.find((one) => portBehind(one, port) === undefined);
    const field = ['ports', index, port.targetPort === undefined ? 'number' : 'targetPort'];
    if (missing !== undefined) {
      say(
        'DANGLING_REFERENCE',
        'error',
        field,
        `ExternalService ${nameOf(missing.object)} has no port ${wanted(port)}; the port is left out`,
        'give it the port, or choose another with targetPort',
      );
      return [];
    }
    const [first] = services;
    if (first !== undefined && typeof serviceTarget(first, port) === 'string') {
      say(
        'DANGLING_REFERENCE',
        'error',
        field,
        `Service ${nameOf(first)} ${serviceTarget(first, port)}; the port is left out`,
        'choose another port with targetPort',
      );
      return [];
    }
    const tls = tlsBehind(external, port);
    if (tls === 'mixed') {
      say(
        'UNTRANSLATABLE',
        'error',
        field,
        'the services behind the port have different TLS settings, or show servers different names, and a port has one; it is left out',
        'let them agree (`sni`, too), or write a VirtualDestination for each',
      );
      return [];
    }
    return [{ ...made, ...(tls !== undefined && { tls }) }];
  });
  return { ports, issues };
}

function nameOf({ key }: ConfigObject): string {
  return `${key.namespace}/${key.name}`;
}

function wanted({ number, targetPort }: Port): string | number {
  return targetPort?.name ?? targetPort?.number ?? number;
}

/** The port of an ExternalService that a port leads to. */
function portBehind({ external }: Destination, { number, targetPort }: Port): ExternalPort | undefined {
  return selectedPorts(external?.ports ?? [], targetPort ?? { number })[0];
}

/** The port of the workloads, or why there is none. */
function serviceTarget({ spec }: ServiceObject, port: Port): number | string {
  const listed = (spec.ports ?? []).map((one) => ({ ...one, name: one.name ?? '', number: one.port }));
  const [found] = selectedPorts(listed, port.targetPort ?? { number: port.number });
  if (found === undefined) return `has no port ${wanted(port)}`;
  const target = found.targetPort ?? found.port;
  return typeof target === 'number' ? target : `leads from port ${found.port} to a port by name, which a ServiceEntry cannot`;
}

/** The TLS that all services behind a port originate in the same way. */
function tlsBehind(external: readonly Destination[], port: Port): OriginatedTls | 'mixed' | undefined {
  const found = external.map((one): OriginatedTls | undefined => {
    const behind = portBehind(one, port);
    const host = one.hosts[0] ?? '';
    return behind?.clientsideTls === undefined ? undefined : { external: one.external!, port: behind.number, host };
  });
  const texts = new Set(found.map((one) => (one === undefined ? '' : settingsText(one))));
  return texts.size > 1 ? 'mixed' : found[0];
}

function settingsText({ external, port, host }: OriginatedTls): string {
  const { clientsideTls: tls = {} } = external.ports.find(({ number }) => number === port)!;
  return JSON.stringify(
    [{ mode: 'SIMPLE', sni: host, ...tls }, external.object.spec.subjectAltNames ?? []].map((part) =>
      Object.entries(part).sort(),
    ),
  );
}

/** The ServiceEntry that stands for the destination; nothing if no port of it stands. */
export function virtualEntry(
  object: VirtualDestinationObject,
  { external, services }: Backing,
  ports: readonly VirtualPort[],
  around: AroundVirtualDestination,
): Translated | undefined {
  const { hosts = [] } = object.spec;
  if (ports.length === 0 || hosts.length === 0) return undefined;
  const [service] = services;
  const endpoints = external.flatMap((one) => endpointsBehind(one, object, ports));
  const named = endpoints.some(({ address }) => ipFamily(address) === 0 && !address.startsWith('unix://'));
  return madeFrom<ServiceEntrySpec>(object, {
    kind: 'ServiceEntry',
    name: sanitizedName('vd', hosts[0]!, around.workspace),
    namespace: around.namespace,
    labels: publishedLabels(object, around),
    spec: {
      hosts: copied(object, ['spec', 'hosts'], hosts),
      addresses: took(object, ['metadata', 'name'], [around.vip]),
      ports: ports.map(({ index, number, name, protocol }) => {
        const port = object.spec.ports![index]!;
        const target = service === undefined ? undefined : serviceTarget(service, port);
        return took<NonNullable<ServiceEntrySpec['ports']>[number]>(object, ['spec', 'ports', index], {
          number: took(object, ['spec', 'ports', index, 'number'], number),
          name,
          protocol: took(object, ['spec', 'ports', index, 'protocol'], protocol),
          ...(typeof target === 'number' &&
            target !== number && { targetPort: took(object, ['spec', 'ports', index, 'targetPort'], target) }),
        });
      }),
      location: 'MESH_INTERNAL',
      resolution: took(object, ['spec', service === undefined ? 'externalServices' : 'services'], named ? 'DNS' : 'STATIC'),
      ...(service !== undefined && {
        workloadSelector: { labels: took(object, ['spec', 'services'], service.spec.selector ?? {}) },
      }),
      ...(endpoints.length > 0 && {
        endpoints: took<readonly WorkloadEntrySpec[]>(
          object,
          ['spec', 'externalServices'],
          endpoints.map(({ entry }) => entry),
        ),
      }),
      ...(around.exportTo !== undefined && { exportTo: around.exportTo }),
    },
  });
}

/** So that nobody tries the mesh's own TLS with them (spec/gloo.md 2.8). */
const OUTSIDE = { 'security.istio.io/tlsMode': 'disabled' };

interface EndpointBehind {
  readonly address: string;
  readonly entry: Marked<WorkloadEntrySpec>;
}

/** The endpoints that a selected ExternalService has, or else its hosts and addresses. */
function endpointsBehind(
  destination: Destination,
  virtual: VirtualDestinationObject,
  ports: readonly VirtualPort[],
): readonly EndpointBehind[] {
  const { object, endpoints, hosts } = destination.external!;
  const pairs = ports.flatMap(({ index, name }) => {
    const behind = portBehind(destination, virtual.spec.ports![index]!);
    return behind === undefined ? [] : [{ name, behind }];
  });
  if (endpoints.length > 0) {
    const wantedPorts = pairs.map(({ name, behind: { number, targetPort } }) => ({
      name,
      number,
      ...(targetPort !== undefined && { targetPort }),
    }));
    return endpoints.map((one) => ({ address: one.spec.address ?? '', entry: entryEndpoint(one, wantedPorts, OUTSIDE) }));
  }
  const { addresses = [] } = object.spec;
  const field = addresses.length > 0 ? 'addresses' : 'hosts';
  return (addresses.length > 0 ? addresses : hosts).map((address, i) => ({
    address,
    entry: {
      address: took(object, ['spec', field, i], address),
      labels: OUTSIDE,
      ports: Object.fromEntries(
        pairs.map(({ name, behind }) => [
          name,
          took(object, ['spec', 'ports', behind.index, 'number'], behind.targetPort?.number ?? behind.number),
        ]),
      ),
    },
  }));
}

/** Why an ExternalService cannot stand behind another destination: nobody knows its addresses. */
function unusable({ external }: Destination): string | undefined {
  if (external === undefined || external.endpoints.length > 0) return undefined;
  const { addresses = [] } = external.object.spec;
  const prefix = addresses.find((address) => address.includes('/'));
  if (prefix !== undefined) return `${prefix} is a range, and an endpoint is one address`;
  const wildcard = addresses.length > 0 ? undefined : external.hosts.find(isWildcard);
  return wildcard === undefined ? undefined : `${wildcard} is a wildcard, and an endpoint is one host`;
}
