import type {
  DestinationKind,
  DestinationReference,
  FieldPath,
  GlooPort,
  Issue,
  Destination as Lead,
  ObjectKey,
} from '../../../model/index.ts';
import type { Destination, DestinationPort } from '../destination.ts';

/** What a DestinationReference means to a route. */
export interface Target {
  readonly destination: Destination;
  readonly port: DestinationPort;
  /** The one host that it stands for. */
  readonly host: string;
  /** Where requests are sent, and in which shares of 100: the host itself, or the gateways in front of it. */
  readonly leads: readonly { readonly destination: Lead; readonly share: number }[];
  readonly subset?: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly remarks: readonly Remark[];
  /** What is to be said where requests are routed, and not bytes. */
  readonly httpRemarks: readonly Remark[];
}

/** A finding about a reference; its place is that of the reference, or a part of it. */
export interface Remark extends Pick<Issue, 'code' | 'severity' | 'message'> {
  readonly hint?: string;
  readonly part?: FieldPath;
}

/** Looks a reference up on behalf of the object that has it: only what its workspace owns or imports is there. */
export type Resolve = (reference: DestinationReference, from: ObjectKey) => Resolution;
export type Resolution = { readonly target: Target } | { readonly problem: Remark };

export interface AroundTargets {
  readonly cluster: string;
  readonly workspace: string;
  readonly find: (kind: DestinationKind, namespace: string, name: string) => Destination | undefined;
  /** Where calls to this port of an external service go instead, if they leave through gateways. */
  readonly through: (destination: Destination, port: number, host: string) => Target['leads'];
}

/** What a reference comes to (spec/gloo.md 2.1, 2.6). */
export function resolveTarget(reference: DestinationReference, from: ObjectKey, around: AroundTargets): Resolution {
  const { ref, awsLambda, kind = 'SERVICE', subset = {} } = reference;
  if (awsLambda !== undefined || ref === undefined)
    return problem(
      'UNTRANSLATABLE',
      'cloud functions are not called from here',
      'forward to an ExternalService with the host of the function',
      ['awsLambda'],
    );
  const { name = '', namespace = from.namespace, cluster = around.cluster } = ref;
  if (cluster !== around.cluster)
    return problem(
      'DANGLING_REFERENCE',
      `${cluster} is not the cluster here, which is ${around.cluster}`,
      'leave `cluster` out, or start with --cluster',
      ['ref', 'cluster'],
    );
  const destination = around.find(kind, namespace, name);
  if (destination === undefined)
    return problem(
      'DANGLING_REFERENCE',
      `workspace ${around.workspace} has no ${KINDS[kind]} ${namespace}/${name}, neither its own nor imported`,
      kind === 'SERVICE' ? 'declare it, or write the `kind` that is meant' : 'declare it, or export and import it',
      ['ref', 'name'],
    );
  const what = `${KINDS[kind]} ${namespace}/${name}`;
  const port = portOf(reference.port, destination.ports, what);
  if ('code' in port) return { problem: port };
  const [host = '', ...others] = destination.hosts;
  const through = around.through(destination, port.number, host);
  const labels = Object.keys(subset).length > 0 ? { name: subsetName(subset), labels: subset } : undefined;
  const direct = { host, port: { number: port.number }, ...(labels !== undefined && { subset: labels.name }) };
  return {
    target: {
      ...{ destination, port, host },
      leads: through.length > 0 ? through : [{ destination: direct, share: 100 }],
      ...(labels !== undefined && { subset: labels }),
      remarks: severalHosts(host, others, what),
      httpRemarks: through.length > 0 ? [] : unencrypted(destination, port.number, what),
    },
  };
}

const KINDS: Readonly<Record<DestinationKind, string>> = {
  SERVICE: 'Service',
  VIRTUAL_DESTINATION: 'VirtualDestination',
  EXTERNAL_SERVICE: 'ExternalService',
};

function severalHosts(host: string, others: readonly string[], what: string): Remark[] {
  if (others.length === 0) return [];
  const message = `${what} has ${others.length + 1} hosts, and a route leads to one; the first is taken, ${host}`;
  return [
    {
      code: 'INEFFECTIVE',
      severity: 'warning',
      message,
      hint: 'make one ExternalService for each host that routes lead to',
      part: ['ref'],
    },
  ];
}

/** A port for TLS that nobody starts TLS on is for clients that do; requests that are routed arrive in the clear (spec/gloo.md 5, U8). */
function unencrypted({ external }: Destination, number: number, what: string): Remark[] {
  const port = external?.ports.find((one) => one.number === number);
  if (port === undefined || port.clientsideTls !== undefined || (port.protocol !== 'HTTPS' && port.protocol !== 'TLS')) return [];
  const message = `port ${number} of ${what} is for ${port.protocol}, and requests of a route are sent to it without TLS`;
  return [
    {
      code: 'INEFFECTIVE',
      severity: 'info',
      message,
      hint: 'write clientsideTls: {} at the port of the ExternalService',
      part: ['port'],
    },
  ];
}

/** The port that is meant: by number or by name, or the only one (spec/gloo.md 2.6). */
function portOf(wanted: GlooPort | undefined, offered: readonly DestinationPort[], what: string): DestinationPort | Remark {
  const list = offered.map(({ number, name }) => (name === '' ? `${number}` : `${number} (${name})`)).join(', ');
  const part = ['port'];
  if (wanted?.number === undefined && (wanted?.name ?? '') === '') {
    if (offered.length === 1) return offered[0]!;
    const message = `${what} has ${offered.length === 0 ? 'no port' : `the ports ${list}, and none is named`}`;
    return { code: 'MISSING_FIELD', severity: 'error', message, hint: 'write port: {number: …}', part };
  }
  const found = offered.find(({ number, name }) =>
    wanted!.number === undefined ? name === wanted!.name : number === wanted!.number,
  );
  if (found !== undefined) return found;
  const message = `${what} has no port ${wanted!.number ?? wanted!.name}`;
  return { code: 'DANGLING_REFERENCE', severity: 'error', message, hint: list === '' ? 'declare it' : `it has ${list}`, part };
}

function problem(code: Remark['code'], message: string, hint: string, part: FieldPath): Resolution {
  return { problem: { code, severity: 'error', message, hint, part } };
}

/** Name of the subset that a choice of labels becomes: `version-v2` (published). */
function subsetName(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs
    .map(([name, value]) => `${name}-${value}`)
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, 63);
}
