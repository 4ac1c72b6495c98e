import { isWildcard } from '../../lib/host.ts';
import type {
  ConfigObject,
  ExternalServicePort,
  ExternalServiceSpec,
  FieldPath,
  Issue,
  IssueCode,
  ResolutionName,
} from '../../model/index.ts';
import { addressKind, type EndpointObject, endpointPort } from './external-endpoint.ts';

export type ExternalServiceObject = ConfigObject<ExternalServiceSpec>;

/** A port that calls can be made to. */
export interface ExternalPort extends Omit<ExternalServicePort, 'name' | 'protocol'> {
  readonly name: string;
  /** Upper case. */
  readonly protocol: string;
  /** Position under `spec.ports`. */
  readonly index: number;
}

/** An ExternalService with everything looked up that it refers to (spec/gloo.md 2.2–2.5). */
export interface ExternalDestination {
  readonly object: ExternalServiceObject;
  /** As written; of a service that is only addresses, one that stands for it. */
  readonly hosts: readonly string[];
  /** Without those that failed; never empty. */
  readonly ports: readonly ExternalPort[];
  readonly resolution: ResolutionName;
  readonly endpoints: readonly EndpointObject[];
}

export interface ResolvedService {
  /** Absent when the service cannot be called at all. */
  readonly destination?: ExternalDestination;
  readonly issues: readonly Issue[];
}

/** `endpoints`: those of its workspace that the service selects, in a stable order. */
export function resolveExternalService(
  object: ExternalServiceObject,
  endpoints: readonly EndpointObject[],
  cluster: string,
): ResolvedService {
  const { hosts = [], addresses = [] } = object.spec;
  const issues: Issue[] = [];
  const say = (code: IssueCode, severity: Issue['severity'], field: FieldPath, message: string, hint: string): void => {
    issues.push({ code, severity, object: object.key, field: ['spec', ...field], message, hint });
  };
  const wildcard = hosts.some(isWildcard);
  const selecting = Object.keys(object.spec.selector ?? {}).length > 0;
  if (selecting && endpoints.length === 0)
    say(
      'SELECTS_NOTHING',
      'warning',
      ['selector'],
      'no ExternalEndpoint of the workspace has these labels, so that calls go to the hosts themselves',
      'mend the labels, or leave the selector out',
    );
  const ports = numberedPorts(object).filter((port) => {
    const failure = portFailure(port, object, endpoints, wildcard);
    if (failure !== undefined) say(failure.code, 'error', ['ports', port.index, ...failure.field], failure.message, failure.hint);
    return failure === undefined;
  });
  const resolution = resolutionOf(object.spec, endpoints);
  if (ports.length === 0) return { issues };
  const wrong = unresolvable(object.spec, endpoints, ports.length, resolution);
  if (wrong !== undefined) {
    say('INVALID_VALUE', 'error', wrong.field, wrong.message, wrong.hint);
    return { issues };
  }
  const range = addresses.findIndex((address) => address.includes('/'));
  const http = range === -1 || endpoints.length > 0 ? undefined : ports.find(({ protocol }) => HTTP.has(protocol));
  if (http !== undefined)
    say(
      'UNREACHABLE',
      'warning',
      ['addresses', range],
      `HTTP calls are told apart by the host they name, and none names a range: calls to an address of ${addresses[range]} on port ${http.number} are not these`,
      'write protocol: TCP, or the addresses one by one',
    );
  // That the address is not checked is said of every such ServiceEntry, unless the mesh has wildcards resolved (docs/resolution.md).
  if (wildcard && endpoints.length === 0)
    for (const one of ignoredOnWildcards(ports)) say('INEFFECTIVE', 'warning', one.field, one.message, one.hint);
  const { name, namespace } = object.key;
  const called = hosts.length > 0 || addresses.length === 0 ? hosts : [`${name}.${namespace}.${cluster}.external.gloo.internal`];
  return { destination: { object, hosts: called, ports, resolution, endpoints }, issues };
}

/** Ports with the names and spellings that translated objects use. */
function numberedPorts({ spec: { ports = [] } }: ExternalServiceObject): readonly ExternalPort[] {
  return ports.map((port, index) => {
    const protocol = (port.protocol ?? '').toUpperCase();
    return { ...port, index, protocol, name: (port.name ?? '') === '' ? `${protocol.toLowerCase()}-${port.number}` : port.name! };
  });
}

/** Endpoints that are all IP addresses are STATIC, with any name among them DNS; without endpoints the hosts are resolved, or nothing. */
function resolutionOf({ hosts = [], addresses = [] }: ExternalServiceSpec, endpoints: readonly EndpointObject[]): ResolutionName {
  if (endpoints.length > 0) return endpoints.some((one) => addressKind(one) === 'name') ? 'DNS' : 'STATIC';
  return addresses.length > 0 || hosts.some(isWildcard) ? 'NONE' : 'DNS';
}

interface Wrong {
  readonly field: FieldPath;
  readonly message: string;
  readonly hint: string;
}

/** Why a port cannot be had while the others can (spec/gloo.md 2.5, U16). */
function portFailure(
  port: ExternalPort,
  { spec: { selector = {} } }: ExternalServiceObject,
  endpoints: readonly EndpointObject[],
  wildcard: boolean,
): (Wrong & { readonly code: IssueCode }) | undefined {
  if (endpoints.length === 0 && port.targetPort?.name !== undefined)
    return {
      code: 'DANGLING_REFERENCE',
      field: ['targetPort', 'name'],
      message: `there is no endpoint that could have a port "${port.targetPort.name}"; the port is left out`,
      hint: Object.keys(selector).length > 0 ? 'mend the selector, or write a number' : 'write a number',
    };
  const without = endpoints.find((one) => addressKind(one) !== 'unix' && endpointPort(one, port) === undefined);
  if (without !== undefined) {
    const wanted = port.targetPort?.name ?? port.targetPort?.number ?? port.number;
    const listed = (without.spec.ports ?? []).map(({ name, number }) => (name === undefined ? `${number}` : `${name}/${number}`));
    return {
      code: 'DANGLING_REFERENCE',
      field: port.targetPort === undefined ? ['number'] : ['targetPort'],
      message: `ExternalEndpoint ${without.key.namespace}/${without.key.name} has no port ${wanted}; the port is left out`,
      hint: `it has ${listed.join(', ')}: choose one with targetPort, or give the endpoint the port`,
    };
  }
  const { clientCertificate = '', privateKey = '' } = port.clientsideTls ?? {};
  if (
    wildcard &&
    endpoints.length === 0 &&
    port.egressGatewayRoutes === undefined &&
    (clientCertificate !== '' || privateKey !== '')
  )
    return {
      code: 'UNSUPPORTED',
      field: ['clientsideTls', clientCertificate === '' ? 'privateKey' : 'clientCertificate'],
      message: 'a sidecar shows no certificate of its own to hosts behind a wildcard; the port is left out',
      hint: 'name the hosts one by one, or send the calls through an egress gateway',
    };
  return undefined;
}

/** Addresses and endpoints that no ServiceEntry can have together. */
function unresolvable(
  { addresses = [] }: ExternalServiceSpec,
  endpoints: readonly EndpointObject[],
  ports: number,
  resolution: ResolutionName,
): Wrong | undefined {
  const prefix = addresses.findIndex((address) => address.includes('/'));
  if (prefix !== -1 && resolution === 'DNS')
    return {
      field: ['addresses', prefix],
      message: 'the addresses are a CIDR, and among the endpoints are names to be resolved',
      hint: 'write single addresses, or endpoints with IP addresses',
    };
  const unix = endpoints.find((one) => addressKind(one) === 'unix');
  if (unix === undefined) return undefined;
  const socket = `ExternalEndpoint ${unix.key.namespace}/${unix.key.name} is a unix socket`;
  if (resolution === 'DNS')
    return {
      field: ['selector'],
      message: `${socket}, and others are names to be resolved`,
      hint: 'select one sort of endpoints',
    };
  if (ports > 1)
    return {
      field: ['ports', 1],
      message: `${socket}, which serves one port, and the service has ${ports}`,
      hint: 'keep one port',
    };
  return undefined;
}

/** Where a wildcard leads is known at the call, so that these do nothing (Gloo 2.14). */
function* ignoredOnWildcards(ports: readonly ExternalPort[]): Iterable<Wrong> {
  for (const { index, targetPort, clientsideTls = {}, egressGatewayRoutes } of ports) {
    if (targetPort?.number !== undefined && targetPort.number !== WILDCARD_TARGET)
      yield {
        field: ['ports', index, 'targetPort'],
        message: `calls to a wildcard host are sent on to ${WILDCARD_TARGET} or to their own port, and the target port is ${targetPort.number}`,
        hint: `leave it out, or write number: ${WILDCARD_TARGET}`,
      };
    if (egressGatewayRoutes !== undefined) continue;
    for (const name of ['caCertificates', 'credentialName'] as const)
      if ((clientsideTls[name] ?? '') !== '')
        yield {
          field: ['ports', index, 'clientsideTls', name],
          message: `for hosts behind a wildcard sidecars use their own trust bundle, and \`${name}\` is ignored`,
          hint: 'name the hosts one by one, or send the calls through an egress gateway',
        };
  }
}

const HTTP: ReadonlySet<string> = new Set(['HTTP', 'HTTP2', 'GRPC']);

/** The only target port of a wildcard host that Gloo acts on. */
export const WILDCARD_TARGET = 443;
