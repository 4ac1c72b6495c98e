import { canonicalIp, ipFamily } from '../lib/ip.ts';
import type { Issue, Locality, Outcome, ProxyNode } from '../model/index.ts';

/** The parts of an xDS node that are read. */
export interface NodeText {
  readonly id: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly locality?: Partial<Locality>;
}

const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';
const SUBZONE = 'topology.istio.io/subzone';
const CLUSTER = 'topology.istio.io/cluster';
const NETWORK = 'topology.istio.io/network';
const NODE = 'kubernetes.io/hostname';
/** Labels that override where a proxy says it is; in a label the separator may be written as a dot. */
const LOCALITY_LABELS = ['topology.istio.io/locality', 'istio-locality'];

/**
 * Reads the node that a proxy sends with its first request: id `sidecar~IP~NAME.NAMESPACE~DOMAIN` and Istio's metadata.
 * INSTANCE_IPS and NAMESPACE of the metadata come before what the id says. No value means that the proxy must be refused.
 */
export function proxyOfNode(node: NodeText): Outcome<ProxyNode> {
  const [type, address, fullName, dnsDomain, ...rest] = node.id.split('~');
  if (dnsDomain === undefined || rest.length > 0)
    return refusal(`node id ${JSON.stringify(node.id)} does not have four parts`, 'write it as sidecar~IP~NAME.NAMESPACE~DOMAIN');
  if (type !== 'sidecar' && type !== 'router')
    return refusal(`proxies of type ${JSON.stringify(type)} are not served`, 'sidecar and router are the types there are');
  const metadata = node.metadata ?? {};
  const ips = addressesOf(metadata['INSTANCE_IPS'], address ?? '');
  if (ips.length === 0)
    return refusal(`node id ${JSON.stringify(node.id)} has no IP address`, 'put one into the id or into metadata INSTANCE_IPS');
  const dot = fullName!.lastIndexOf('.');
  const given = labelsOf(metadata['LABELS']);
  const locality = localityOf(given, node.locality);
  const value: ProxyNode = {
    id: node.id,
    role: type,
    name: dot === -1 ? fullName! : fullName!.slice(0, dot),
    namespace: text(metadata, 'NAMESPACE') || (dot === -1 ? (dnsDomain.split('.')[0] ?? '') : fullName!.slice(dot + 1)),
    ips,
    labels: { ...given, ...topologyLabels(locality, metadata) },
    serviceAccount: text(metadata, 'SERVICE_ACCOUNT'),
    locality,
    dnsDomain,
    metadata,
  };
  return { value, issues: [] };
}

/** A metadata value as text; empty when it is absent or is neither text, number nor truth value. */
export function text(metadata: Readonly<Record<string, unknown>>, name: string): string {
  const value = metadata[name];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Addresses without doubles, in the order given; the first is the one that counts. */
function addressesOf(instanceIps: unknown, fromId: string): readonly string[] {
  const listed = typeof instanceIps === 'string' ? instanceIps.split(',') : Array.isArray(instanceIps) ? instanceIps : [];
  const valid = listed.map((ip) => String(ip).trim()).filter((ip) => ipFamily(ip) !== 0);
  const ips = valid.length > 0 ? valid : ipFamily(fromId) === 0 ? [] : [fromId];
  return [...new Set(ips.map(canonicalIp))];
}

function labelsOf(labels: unknown): Readonly<Record<string, string>> {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return {};
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

/** Labels know better than the proxy: a registry puts the place of the node there (topology labels, then the override). */
function localityOf(labels: Readonly<Record<string, string>>, sent: Partial<Locality> = {}): Locality {
  const { [REGION]: region, [ZONE]: zone, [SUBZONE]: subZone } = labels;
  if (region !== undefined || zone !== undefined || subZone !== undefined)
    return { region: region ?? '', zone: zone ?? '', subZone: subZone ?? '' };
  const override = LOCALITY_LABELS.map((name) => labels[name]).find((value) => value !== undefined && value !== '');
  if (override !== undefined) return parseLocality(override.includes('/') ? override : override.replaceAll('.', '/'));
  return { region: sent.region ?? '', zone: sent.zone ?? '', subZone: sent.subZone ?? '' };
}

/** Splits `region/zone/subzone`; what is not given is empty. */
export function parseLocality(locality: string): Locality {
  const [region = '', zone = '', subZone = ''] = locality.split('/');
  return { region, zone, subZone };
}

function topologyLabels(locality: Locality, metadata: Readonly<Record<string, unknown>>): Record<string, string> {
  const labels = {
    [REGION]: locality.region,
    [ZONE]: locality.zone,
    [SUBZONE]: locality.subZone,
    [CLUSTER]: text(metadata, 'CLUSTER_ID'),
    [NETWORK]: text(metadata, 'NETWORK'),
    [NODE]: text(metadata, 'NODE_NAME'),
  };
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

function refusal(message: string, hint: string): Outcome<ProxyNode> {
  const issue: Issue = { code: 'INVALID_VALUE', severity: 'error', message, hint };
  return { issues: [issue] };
}
