import { checkRetries } from '../config/rules/http-action.ts';
import { checkZoneAware } from '../config/rules/locality.ts';
import { parseDuration } from '../lib/duration.ts';
import { fieldText, type HttpRetry, isCipherSuite, isCurve, type MeshConfig, type SallyportOptions } from '../model/index.ts';
import { type FieldReader, isRecord } from './field.ts';
import { PREFER_ZONES, ZONES_ALIKE } from './issues/zones-alike.ts';
import { dnsOptions, wildcardsOption } from './resolution-options.ts';
import { virtualAddressTerms } from './virtual-address-terms.ts';

type Path = readonly (string | number)[];
/** Reads one field of the mesh configuration into the mesh row; a value that is refused leaves the row as it is. */
export type ReadField = (reader: FieldReader, value: unknown, field: Path, mesh: MeshConfig) => Partial<MeshConfig>;

const MILLISECOND = 1e6;
const HOUR = 3600e9;

/** The fields that are acted on (spec/istio.md 2.7). A field given replaces the default whole, also where it is an object. */
export const MESH_FIELDS: Readonly<Record<string, ReadField>> = {
  rootNamespace: texts('rootNamespace'),
  trustDomain: (r, value, field) => one('trustDomain', trustDomain(r, value, field)),
  trustDomainAliases: (r, value, field) => {
    const aliases = r.texts(value, field)?.filter((alias, i) => trustDomain(r, alias, [...field, i]) !== undefined);
    return one('trustDomainAliases', aliases);
  },
  proxyListenPort: (r, value, field) => one('proxyListenPort', r.wholeNumber(value, field, 1, 65535)),
  proxyInboundListenPort: (r, value, field) => one('proxyInboundListenPort', inboundPort(r, value, field)),
  proxyHttpPort: (r, value, field) => one('proxyHttpPort', r.wholeNumber(value, field, 0, 65535)),
  connectTimeout: (r, value, field) => one('connectTimeout', duration(r, value, field, MILLISECOND, HOUR)),
  dnsRefreshRate: (r, value, field) => one('dnsRefreshRate', duration(r, value, field, 0, Number.POSITIVE_INFINITY)),
  protocolDetectionTimeout: (r, value, field) => one('protocolDetectionTimeout', milliseconds(r, value, field)),
  enableAutoMtls: (r, value, field) => one('enableAutoMtls', r.boolean(value, field)),
  enableTracing: (r, value, field) => one('enableTracing', r.boolean(value, field)),
  h2UpgradePolicy: (r, value, field) => one('h2UpgradePolicy', r.choice(value, field, ['DO_NOT_UPGRADE', 'UPGRADE'])),
  outboundTrafficPolicy,
  inboundTrafficPolicy: (r, value, field) =>
    one('inboundTrafficPolicy', modeOf(r, value, field, ['PASSTHROUGH', 'LOCALHOST'] as const)),
  localityLbSetting: (r, value, field) => one('localityLbSetting', locality(r, value, field)),
  zoneAwareLbSetting: (r, value, field) => one('zoneAwareLbSetting', zoneAware(r, value, field)),
  tcpKeepalive: records('tcpKeepalive'),
  defaultHttpRetryPolicy: records('defaultHttpRetryPolicy'),
  defaultInboundHttpRetryPolicy: (r, value, field) => one('defaultInboundHttpRetryPolicy', inboundRetries(r, value, field)),
  defaultTrafficPolicy: (r, value, field) => {
    const policy = r.record(value, field);
    if (policy === undefined) return {};
    const { connectionPool, outlierDetection } = policy;
    const kept = { ...(isRecord(connectionPool) && { connectionPool }), ...(isRecord(outlierDetection) && { outlierDetection }) };
    return { defaultTrafficPolicy: kept };
  },
  defaultServiceExportTo: lists('defaultServiceExportTo'),
  defaultVirtualServiceExportTo: lists('defaultVirtualServiceExportTo'),
  defaultDestinationRuleExportTo: lists('defaultDestinationRuleExportTo'),
  serviceEntryVisibility: records('serviceEntryVisibility'),
  pathNormalization: (r, value, field) => one('pathNormalization', modeOf(r, value, field, PATH_NORMALIZATIONS, 'normalization')),
  tlsDefaults: (r, value, field) => one('tlsDefaults', tlsDefaults(r, value, field)),
  meshMTLS: (r, value, field) => one('meshMtls', meshMtls(r, value, field)),
  defaultConfig: (r, value, field) => {
    const proxyConfig = r.record(value, field);
    const given = proxyConfig?.['proxyMetadata'];
    if (given === undefined || given === null) return {};
    const metadata = r.record(given, [...field, 'proxyMetadata']);
    if (metadata === undefined) return {};
    const entries = Object.entries(metadata).filter(
      ([name, v]) => r.text(v, [...field, 'proxyMetadata', name]) !== undefined,
    ) as [string, string][];
    return { proxyMetadata: Object.fromEntries(entries) };
  },
  accessLogFile: texts('accessLogFile'),
  accessLogFormat: texts('accessLogFormat'),
  accessLogEncoding: (r, value, field) => one('accessLogEncoding', r.choice(value, field, ['TEXT', 'JSON'])),
  sallyport: (r, value, field, mesh) => ({ sallyport: sallyportOptions(r, value, field, mesh.sallyport) }),
};

/** Fields of Istio's mesh configuration that mean something to istiod or to kinds of proxies we do not generate for. */
export const FIELDS_NOT_ACTED_ON: ReadonlySet<string> = new Set(
  `ca caCertificates certificates configSources
  defaultProviders disableEnvoyListenerLog disableMixerHttpReports disablePolicyChecks discoverySelectors enableClientSidePolicyCheck
  enableEnvoyAccessLogService enablePrometheusMerge enableSdsTokenMount extensionProviders hboneIdleTimeout inboundClusterStatName
  ingressClass ingressControllerMode ingressSelector ingressService mixerCheckServer mixerReportServer outboundClusterStatName
  policyCheckFailOpen proxyIpv6 sdsUdsPath serviceScopeConfigs serviceSettings sidecarToTelemetrySessionAffinity thriftConfig
  trustBundles verifyCertificateAtClient`.split(/\s+/),
);

const PATH_NORMALIZATIONS = ['DEFAULT', 'NONE', 'BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES'] as const;

const TLS_VERSIONS = ['TLS_AUTO', 'TLSV1_2', 'TLSV1_3'] as const;

function one<K extends keyof MeshConfig>(name: K, value: unknown): Partial<MeshConfig> {
  return value === undefined ? {} : ({ [name]: value } as Partial<MeshConfig>);
}

function texts(name: keyof MeshConfig): ReadField {
  return (r, value, field) => one(name, r.text(value, field));
}

function lists(name: keyof MeshConfig): ReadField {
  return (r, value, field) => one(name, r.texts(value, field));
}

function records(name: keyof MeshConfig): ReadField {
  return (r, value, field) => one(name, r.record(value, field));
}

const DOMAIN = /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*\.?$/;

function trustDomain(r: FieldReader, value: unknown, field: Path): string | undefined {
  const text = r.text(value, field);
  if (text === undefined || DOMAIN.test(text)) return text;
  return r.wrong(field, text, 'a trust domain such as cluster.local');
}

/** Zero is taken by Istio and means the default. */
function inboundPort(r: FieldReader, value: unknown, field: Path): number | undefined {
  const port = r.wholeNumber(value, field, 0, 65535);
  return port === 0 ? undefined : port;
}

function duration(r: FieldReader, value: unknown, field: Path, least: number, most: number): string | undefined {
  const nanoseconds = typeof value === 'string' ? parseDuration(value) : undefined;
  if (nanoseconds === undefined) return r.wrong(field, value, 'a duration such as 10s');
  if (nanoseconds >= least && nanoseconds <= most) return value as string;
  return r.wrong(field, value, most === HOUR ? 'a duration from 1ms to 1h' : 'a duration that is not negative');
}

function milliseconds(r: FieldReader, value: unknown, field: Path): string | undefined {
  const text = duration(r, value, field, 0, Number.POSITIVE_INFINITY);
  if (text === undefined || parseDuration(text)! % MILLISECOND === 0) return text;
  return r.wrong(field, value, 'a whole number of milliseconds');
}

/** An object with one enum in it; an empty object means the enum's first word. */
function modeOf<W extends string>(
  r: FieldReader,
  value: unknown,
  field: Path,
  words: readonly W[],
  name = 'mode',
): W | undefined {
  const policy = r.record(value, field);
  if (policy === undefined) return undefined;
  const mode = policy[name] ?? undefined;
  return mode === undefined ? words[0] : r.choice(mode, [...field, name], words);
}

function outboundTrafficPolicy(r: FieldReader, value: unknown, field: Path): Partial<MeshConfig> {
  const mode = modeOf(r, value, field, ['REGISTRY_ONLY', 'ALLOW_ANY', 'ALLOW_ANY_DYNAMIC_DNS'] as const);
  if (mode === undefined) return {};
  const { tls, mode: written } = value as Record<string, unknown>;
  if (written === undefined)
    r.say(
      'INVALID_VALUE',
      'warning',
      field,
      `${fieldText(field)} is given without mode, which means REGISTRY_ONLY: everything that is not declared is refused`,
      'write mode: REGISTRY_ONLY or mode: ALLOW_ANY',
    );
  return { outboundTrafficPolicy: { mode, ...(isRecord(tls) && { tls }) } };
}

function locality(r: FieldReader, value: unknown, field: Path): Readonly<Record<string, unknown>> | undefined {
  const setting = r.record(value, field);
  if (setting === undefined) return undefined;
  const { distribute, failover } = setting;
  if (distribute !== undefined && failover !== undefined)
    return r.wrong(field, setting, 'either distribute or failover, not both');
  for (const [i, item] of (Array.isArray(distribute) ? distribute : []).entries()) {
    const weights = Object.values(isRecord(item) && isRecord(item['to']) ? item['to'] : {});
    const total = weights.reduce<number>((sum, weight) => sum + Number(weight), 0);
    if (total !== 100) return r.wrong([...field, 'distribute', i, 'to'], weights, 'weights that add up to 100');
  }
  for (const [i, item] of (Array.isArray(failover) ? failover : []).entries()) {
    const { from, to } = isRecord(item) ? item : {};
    if (from === to || `${from}${to}`.includes('/'))
      return r.wrong([...field, 'failover', i], item, 'two different regions, without zones');
  }
  return setting;
}

function zoneAware(r: FieldReader, value: unknown, field: Path): Readonly<Record<string, unknown>> | undefined {
  const setting = r.record(value, field);
  if (setting === undefined) return undefined;
  const [found] = checkZoneAware(setting, true, field);
  if (found !== undefined) return r.say('INVALID_VALUE', 'error', found.field, found.message, found.hint);
  if (setting['enabled'] !== false) r.say('UNSUPPORTED', 'warning', field, ZONES_ALIKE, PREFER_ZONES);
  return setting;
}

function tlsDefaults(r: FieldReader, value: unknown, field: Path): MeshConfig['tlsDefaults'] {
  const tls = r.record(value, field);
  if (tls === undefined) return undefined;
  warnUnknown(r, tls['cipherSuites'], [...field, 'cipherSuites'], isCipherSuite, 'a cipher suite');
  warnUnknown(r, tls['ecdhCurves'], [...field, 'ecdhCurves'], isCurve, 'a curve');
  return isVersionIn(r, tls, field) ? tls : undefined;
}

/** One unknown name would make Envoy refuse every cluster or listener that it stands in, so it is not sent. */
function warnUnknown(r: FieldReader, value: unknown, field: Path, isKnown: (text: string) => boolean, what: string): void {
  const texts = value === undefined || value === null ? [] : (r.texts(value, field) ?? []);
  for (const [i, text] of texts.entries())
    if (!isKnown(text))
      r.say('INEFFECTIVE', 'warning', [...field, i], `${JSON.stringify(text)} is not ${what} that Envoy knows and is left out`);
}

/** By the rules of a VirtualService's `retries`; istiod leaves the outbound one unchecked (spec/istio.md 9). */
function inboundRetries(r: FieldReader, value: unknown, field: Path): HttpRetry | undefined {
  const policy = r.record(value, field);
  if (policy === undefined) return undefined;
  const { attempts, retryOn, backoff } = policy;
  if (attempts !== undefined && r.wholeNumber(attempts, [...field, 'attempts'], 0, 2 ** 31 - 1) === undefined) return undefined;
  if (retryOn !== undefined && r.text(retryOn, [...field, 'retryOn']) === undefined) return undefined;
  if (backoff !== undefined && (attempts ?? 0) === 0) return r.wrong([...field, 'backoff'], backoff, 'nothing without attempts');
  const findings = [...checkRetries(policy, field)];
  for (const finding of findings) r.say(finding.code, finding.severity, finding.field, finding.message, finding.hint);
  return findings.some(({ severity }) => severity === 'error') ? undefined : policy;
}

function meshMtls(r: FieldReader, value: unknown, field: Path): Readonly<Record<string, unknown>> | undefined {
  const tls = r.record(value, field);
  if (tls === undefined) return undefined;
  const { ecdhCurves } = tls;
  if (ecdhCurves !== undefined) return r.wrong([...field, 'ecdhCurves'], ecdhCurves, 'no curves here; they go under tlsDefaults');
  warnUnknown(r, tls['cipherSuites'], [...field, 'cipherSuites'], isCipherSuite, 'a cipher suite');
  return isVersionIn(r, tls, field) ? tls : undefined;
}

function isVersionIn(r: FieldReader, { minProtocolVersion }: Readonly<Record<string, unknown>>, field: Path): boolean {
  const at = [...field, 'minProtocolVersion'];
  return minProtocolVersion === undefined || r.choice(minProtocolVersion, at, TLS_VERSIONS) !== undefined;
}

function sallyportOptions(r: FieldReader, value: unknown, field: Path, before: SallyportOptions): SallyportOptions {
  const given = r.record(value, field) ?? {};
  let options = before;
  for (const [name, option] of Object.entries(given)) {
    const at = [...field, name];
    if (name === 'enforcement')
      options = { ...options, enforcement: r.choice(option, at, ['istio', 'strict']) ?? options.enforcement };
    else if (name === 'dualStack' || name === 'tlsOnSidecarIngress')
      options = { ...options, [name]: r.boolean(option, at) ?? options[name] };
    else if (name === 'dns') options = { ...options, ...dnsOptions(r, option, at) };
    else if (name === 'wildcards') options = { ...options, ...wildcardsOption(r, option, at) };
    else if (name === 'virtualAddresses')
      options = { ...options, virtualAddresses: virtualAddressTerms(r, option, at, options.virtualAddresses) };
    else r.say('UNKNOWN_FIELD', 'warning', at, `${fieldText(at)} is no option of sallyport and is ignored`);
  }
  return options;
}
