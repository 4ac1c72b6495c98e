import {
  type ConfigMapSpec,
  type ConfigObject,
  fieldText,
  type Issue,
  MESH,
  type MeshConfig,
  type ObjectKey,
  type Outcome,
  SALLYPORT_DEFAULTS,
} from '../model/index.ts';
import { faultOfJson, faultOfLine } from './access-log-format.ts';
import { camelKeys, FieldReader } from './field.ts';
import { FIELDS_NOT_ACTED_ON, MESH_FIELDS } from './mesh-fields.ts';
import { readMeshText } from './mesh-text.ts';

/** Name and data key of the ConfigMap that Istio keeps its mesh configuration in. */
export const MESH_CONFIG_MAP = 'istio';
const DATA_KEY = 'mesh';

/** The object that issues about `--mesh-config` name; there is no object of that kind. */
const OVERLAY: ObjectKey = { kind: 'MeshConfig', namespace: '', name: MESH };

/** Istio's defaults (spec/istio.md 2.7). */
export function defaultMesh(rootNamespace: string): MeshConfig {
  return {
    rootNamespace,
    trustDomain: 'cluster.local',
    trustDomainAliases: [],
    proxyListenPort: 15001,
    proxyInboundListenPort: 15006,
    proxyHttpPort: 0,
    connectTimeout: '10s',
    dnsRefreshRate: '60s',
    protocolDetectionTimeout: '0s',
    enableAutoMtls: true,
    enableTracing: true,
    outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
    inboundTrafficPolicy: 'PASSTHROUGH',
    localityLbSetting: { enabled: true },
    h2UpgradePolicy: 'DO_NOT_UPGRADE',
    defaultServiceExportTo: ['*'],
    defaultVirtualServiceExportTo: ['*'],
    defaultDestinationRuleExportTo: ['*'],
    proxyMetadata: {},
    sallyport: SALLYPORT_DEFAULTS,
  };
}

export interface MeshSources {
  readonly rootNamespace: string;
  /** `--mesh-config`: laid over the defaults first. */
  readonly overlay?: Readonly<Record<string, unknown>> | undefined;
  /** The ConfigMap `istio` of the root namespace, which wins (design.md section 4). */
  readonly configMap?: ConfigObject<ConfigMapSpec> | undefined;
}

/**
 * The mesh configuration in force and what is to be said about it. Where Istio refuses the whole for one bad value, here
 * the other values count and the bad one is an issue, because a mesh without its configuration helps nobody.
 */
export function meshFrom({ rootNamespace, overlay, configMap }: MeshSources): Required<Outcome<MeshConfig>> {
  const defaults = defaultMesh(rootNamespace);
  const first = layMesh(defaults, overlay ?? {}, [], new FieldReader({ object: OVERLAY }));
  const networks = configMap === undefined ? [] : networkIssues(configMap);
  const text = configMap?.spec.data?.[DATA_KEY];
  if (configMap === undefined || text === undefined) return { value: first.value, issues: [...first.issues, ...networks] };
  const second = meshOfText(first.value, text, configMap);
  return { value: second.value, issues: [...first.issues, ...second.issues, ...networks] };
}

/** Data key beside the mesh configuration, in which Istio keeps networks and their gateways. */
const NETWORKS_KEY = 'meshNetworks';

/** Networks would replace endpoints of other networks by gateways (spec/istio.md 4.10); here all are called directly. */
function networkIssues({ key, origin, spec }: ConfigObject<ConfigMapSpec>): readonly Issue[] {
  const text = spec.data?.[NETWORKS_KEY] ?? '';
  if (!/^\s*networks:\s*(?!\{\s*\}\s*$)\S?/m.test(text) || /^\s*networks:\s*\{\s*\}\s*$/.test(text)) return [];
  const message = 'meshNetworks is not acted on: endpoints of every network are called directly, not through gateways';
  const hint = 'give proxies a way to all endpoints, or declare the gateway as the endpoint';
  return [{ code: 'NOT_ACTED_ON', severity: 'warning', message, hint, object: key, origin, field: ['data', NETWORKS_KEY] }];
}

function meshOfText(below: MeshConfig, text: string, configMap: ConfigObject): Required<Outcome<MeshConfig>> {
  const about = { object: configMap.key, origin: configMap.origin };
  const field = ['data', DATA_KEY];
  const read = readMeshText(text);
  const told = read.issues.map((issue) => ({ ...issue, ...about, field }));
  if (read.value === undefined) return { value: below, issues: told };
  const laid = layMesh(below, read.value, field, new FieldReader(about));
  return { value: laid.value, issues: [...told, ...laid.issues] };
}

/** Lays the values given over a mesh configuration, field by field. A null stands for nothing. */
function layMesh(
  below: MeshConfig,
  given: unknown,
  field: readonly (string | number)[],
  reader: FieldReader,
): { readonly value: MeshConfig; readonly issues: readonly Issue[] } {
  let mesh = below;
  for (const [name, value] of Object.entries(reader.record(camelKeys(given), field) ?? {})) {
    const at = [...field, name];
    const read = MESH_FIELDS[name];
    if (value === null) continue;
    if (read !== undefined) mesh = { ...mesh, ...read(reader, value, at, mesh) };
    else sayIgnored(reader, name, at);
  }
  return { value: withUsableLogFormat(mesh, given, field, reader), issues: reader.issues };
}

/** A format that Envoy refuses would leave proxies without listeners: the default takes its place. */
function withUsableLogFormat(
  mesh: MeshConfig,
  given: unknown,
  field: readonly (string | number)[],
  reader: FieldReader,
): MeshConfig {
  const { accessLogFormat = '', accessLogEncoding } = mesh;
  if (accessLogFormat === '') return mesh;
  const fault = accessLogEncoding === 'JSON' ? faultOfJson(accessLogFormat) : faultOfLine(accessLogFormat);
  if (fault === undefined) return mesh;
  const written = 'accessLogFormat' in (camelKeys(given) as object) ? 'accessLogFormat' : 'accessLogEncoding';
  const hint =
    accessLogEncoding === 'JSON'
      ? 'write an object such as {"path": "%REQ(:PATH)%"}'
      : 'for example %REQ(:PATH)% %RESPONSE_CODE%';
  reader.say('INVALID_VALUE', 'warning', [...field, written], `accessLogFormat ${fault}; the default format is used`, hint);
  return { ...mesh, accessLogFormat: '' };
}

function sayIgnored(reader: FieldReader, name: string, at: readonly (string | number)[]): void {
  if (FIELDS_NOT_ACTED_ON.has(name))
    reader.say('NOT_ACTED_ON', 'info', at, `${fieldText(at)} is a setting of Istio that changes nothing here`);
  else reader.say('UNKNOWN_FIELD', 'warning', at, `${fieldText(at)} is no field of the mesh configuration and is ignored`);
}
