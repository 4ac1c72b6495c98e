import { anyUnpack } from '@bufbuild/protobuf/wkt';
import type { Cluster } from '@sallyport/apis/cluster';
import type { DataSource, TransportSocket } from '@sallyport/apis/core';
import type { StringMatcher } from '@sallyport/apis/matcher';
import {
  type CertificateValidationContext,
  type CommonTlsContext,
  ProxyProtocolUpstreamTransportSchema,
  type UpstreamTlsContext,
  UpstreamTlsContextSchema,
} from '@sallyport/apis/tls';
import type { Upstream, UpstreamTls } from './outcome.ts';

/** How a cluster speaks to its endpoints; undefined for plaintext (spec/istio.md 10.5). */
export function upstreamTls({ transportSocket, transportSocketMatches }: Cluster): Upstream['tls'] {
  if (transportSocketMatches.length > 0) {
    return Object.fromEntries(
      transportSocketMatches.map(({ name, transportSocket: socket }) => [name, describe(socket) ?? 'plaintext']),
    );
  }
  const always = describe(transportSocket);
  return always === undefined ? undefined : { always };
}

function describe(socket: TransportSocket | undefined): UpstreamTls | undefined {
  const settings = contextOf(socket);
  if (settings === undefined) return undefined;
  const common = settings.commonTlsContext;
  const cert = certificateOf(common);
  const ca = rootsOf(common);
  const sans = namesOf(common);
  const alpn = common?.alpnProtocols ?? [];
  return {
    ...(alpn.length > 0 && { alpn }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(sans.length > 0 && { sans }),
    ...(settings.sni !== '' && { sni: settings.sni }),
  };
}

/** Looks into the PROXY protocol, which wraps another socket. */
function contextOf(socket: TransportSocket | undefined): UpstreamTlsContext | undefined {
  if (socket?.configType.case !== 'typedConfig') return undefined;
  const wrapped = anyUnpack(socket.configType.value, ProxyProtocolUpstreamTransportSchema);
  return wrapped === undefined
    ? anyUnpack(socket.configType.value, UpstreamTlsContextSchema)
    : contextOf(wrapped.transportSocket);
}

function certificateOf(common: CommonTlsContext | undefined): string | undefined {
  return common?.tlsCertificateSdsSecretConfigs[0]?.name ?? sourceOf(common?.tlsCertificates[0]?.certificateChain);
}

function rootsOf(common: CommonTlsContext | undefined): string | undefined {
  const type = common?.validationContextType;
  if (type?.case === 'validationContextSdsSecretConfig') return type.value.name;
  if (type?.case === 'combinedValidationContext' && type.value.validationContextSdsSecretConfig !== undefined) {
    return type.value.validationContextSdsSecretConfig.name;
  }
  return sourceOf(validationOf(common)?.trustedCa);
}

function validationOf(common: CommonTlsContext | undefined): CertificateValidationContext | undefined {
  const type = common?.validationContextType;
  if (type?.case === 'validationContext') return type.value;
  return type?.case === 'combinedValidationContext' ? type.value.defaultValidationContext : undefined;
}

function sourceOf(source: DataSource | undefined): string | undefined {
  if (source?.specifier.case === undefined) return undefined;
  return source.specifier.case === 'filename' ? source.specifier.value : 'inline';
}

/** Subject alternative names that the server's certificate may bear, sorted. */
function namesOf(common: CommonTlsContext | undefined): readonly string[] {
  const validation = validationOf(common);
  const matchers = [
    ...(validation?.matchSubjectAltNames ?? []),
    ...(validation?.matchTypedSubjectAltNames ?? []).flatMap(({ matcher }) => matcher ?? []),
  ];
  return [...new Set(matchers.map(nameText))].sort();
}

function nameText({ matchPattern }: StringMatcher): string {
  switch (matchPattern.case) {
    case 'exact':
      return matchPattern.value;
    case 'prefix':
      return `${matchPattern.value}*`;
    case 'suffix':
      return `*${matchPattern.value}`;
    case 'contains':
      return `*${matchPattern.value}*`;
    case 'safeRegex':
      return `regex:${matchPattern.value.regex}`;
    default:
      return 'extension';
  }
}
