import { ipFamily } from '../lib/ip.ts';
import type { Issue, IssueCode, Outcome, ProxyNode } from '../model/index.ts';
import { parseLocality, proxyOfNode } from './proxy.ts';

type Json = Readonly<Record<string, unknown>>;
interface Field {
  readonly holds: (value: unknown) => boolean;
  readonly expected: string;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const isName = (value: unknown): boolean => isText(value) && value !== '' && !/[~\s]/.test(value);
const isPart = (value: unknown): boolean => isText(value) && !/[~\s]/.test(value);

const FIELDS: Readonly<Record<string, Field>> = {
  type: { holds: (v) => v === 'sidecar' || v === 'router', expected: '"sidecar" or "router"' },
  namespace: { holds: isName, expected: 'the name of a namespace' },
  name: { holds: isName, expected: 'the name of a workload' },
  ips: {
    holds: (v) => Array.isArray(v) && v.length > 0 && v.every((ip) => isText(ip) && ipFamily(ip) !== 0),
    expected: 'a list of IP addresses, at least one',
  },
  labels: { holds: (v) => isObject(v) && Object.values(v).every(isText), expected: 'an object whose values are texts' },
  serviceAccount: { holds: isPart, expected: 'the name of a service account' },
  locality: { holds: (v) => isText(v) && v.split('/').length <= 3, expected: 'region/zone/subzone' },
  dnsDomain: { holds: isPart, expected: 'a DNS domain' },
  metadata: { holds: isObject, expected: 'an object of Istio node metadata' },
};

/**
 * Reads the JSON of `--proxy` (already parsed) with the defaults of conformance/README.md section 1. Metadata given is
 * merged over the defaults. Any error among the issues means that there is no value.
 */
export function proxyOfJson(json: unknown): Outcome<ProxyNode> {
  if (!isObject(json)) {
    const hint = 'write for example {"namespace": "shop", "labels": {"app": "web"}}';
    return { issues: [{ code: 'INVALID_VALUE', severity: 'error', message: `a proxy is an object, not ${shown(json)}`, hint }] };
  }
  const issues = Object.entries(json).flatMap(([name, value]) => judge(name, value));
  if (issues.length > 0) return { issues };
  const namespace = textOr(json['namespace'], 'default');
  const labels = (json['labels'] ?? {}) as Json;
  const ips = (json['ips'] ?? ['1.1.1.1']) as readonly string[];
  const domain = textOr(json['dnsDomain'], `${namespace}.svc.cluster.local`);
  const metadata: Record<string, unknown> = {
    NAMESPACE: namespace,
    CLUSTER_ID: 'Kubernetes',
    ISTIO_VERSION: '1.30.0',
    LABELS: labels,
    ...(json['ips'] !== undefined && { INSTANCE_IPS: ips.join(',') }),
    ...(json['serviceAccount'] !== undefined && { SERVICE_ACCOUNT: json['serviceAccount'] }),
    ...((json['metadata'] ?? {}) as Json),
  };
  // Labels may be given beside the metadata and in it; both count.
  if (isObject(metadata['LABELS'])) metadata['LABELS'] = { ...labels, ...metadata['LABELS'] };
  const id = `${textOr(json['type'], 'sidecar')}~${ips[0]}~${textOr(json['name'], 'proxy')}.${namespace}~${domain}`;
  return proxyOfNode({ id, metadata, locality: parseLocality(textOr(json['locality'], '')) });
}

function judge(name: string, value: unknown): Issue[] {
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  const issue = (code: IssueCode, message: string, hint: string): Issue[] => [
    { code, severity: 'error', message, hint, field: [name] },
  ];
  if (field === undefined) {
    const known = Object.keys(FIELDS).join(', ');
    return issue('UNKNOWN_FIELD', `a proxy has no field ${JSON.stringify(name)}`, `the fields are ${known}`);
  }
  if (field.holds(value)) return [];
  return issue('INVALID_VALUE', `${name} of a proxy is ${shown(value)}`, `expected ${field.expected}`);
}

const textOr = (value: unknown, otherwise: string): string => (isText(value) ? value : otherwise);
const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);
