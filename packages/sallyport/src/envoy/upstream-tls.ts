import type { ClientTls, MeshConfig, PeerMode, ProxyFacet, Service } from '../model/index.ts';
import type { PortFacts } from './cluster-pool.ts';
import type { TlsFromHost } from './protocol-options.ts';

/** TLS towards the endpoints of a cluster, decided. */
export type UpstreamTls =
  /** The workload's certificate, the mesh's roots. */
  | { readonly kind: 'mesh'; readonly sni: string; readonly subjectAltNames: readonly string[] }
  /** As a rule or the proxy's own certificates say. */
  | { readonly kind: 'own'; readonly mode: 'SIMPLE' | 'MUTUAL'; readonly settings: OwnTls };

export type OwnTls = Omit<ClientTls, 'mode'>;

/** What a decision on TLS depends on beside the rule's own words. */
export interface TlsSurroundings {
  readonly facet: Pick<ProxyFacet, 'role' | 'clientCertificates' | 'withoutIdentity'>;
  /** Calls leave the mesh: then the rule's certificates count, not the proxy's. */
  readonly external: boolean;
  /** The rule has a workload selector. */
  readonly selected: boolean;
}

/**
 * What a rule's `tls` comes to for one proxy, before the service is looked at. `dropped`: TLS was asked for and cannot be
 * had, so that traffic leaves in plain text, as with Istio (spec/istio.md 4.9). `refused`: the workload's own identity was asked
 * for and the agent has none to give; Envoy would wait for it for ever, and plain text was not meant.
 */
export type RuledTls =
  | { readonly kind: 'none' }
  | { readonly kind: 'dropped'; readonly why: 'credential' | 'files' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'mesh'; readonly settings: OwnTls }
  | { readonly kind: 'own'; readonly mode: 'SIMPLE' | 'MUTUAL'; readonly settings: OwnTls };

export function ruledTls(tls: ClientTls, { facet, external, selected }: TlsSurroundings): RuledTls {
  const { mode = 'DISABLE', ...settings } = tls;
  if (mode === 'DISABLE') return { kind: 'none' };
  const proxys = external ? undefined : facet.clientCertificates;
  if (mode !== 'SIMPLE' && proxys !== undefined) return ownCertificates(proxys, settings);
  if (mode === 'ISTIO_MUTUAL') return facet.withoutIdentity ? { kind: 'refused' } : { kind: 'mesh', settings };
  const { credentialName = '', clientCertificate = '', privateKey = '' } = settings;
  const forbidden = facet.role === 'sidecar' && !selected && !credentialName.startsWith('configmap://');
  if (credentialName !== '' && forbidden) return { kind: 'dropped', why: 'credential' };
  if (mode === 'MUTUAL' && credentialName === '' && (clientCertificate === '' || privateKey === ''))
    return { kind: 'dropped', why: 'files' };
  return { kind: 'own', mode, settings };
}

function ownCertificates(
  { chain, key, root }: NonNullable<ProxyFacet['clientCertificates']>,
  { sni, subjectAltNames }: OwnTls,
): RuledTls {
  return {
    kind: 'own',
    mode: 'MUTUAL',
    settings: {
      clientCertificate: chain,
      privateKey: key,
      caCertificates: root,
      ...(sni !== undefined && { sni }),
      ...(subjectAltNames !== undefined && { subjectAltNames }),
    },
  };
}

/**
 * Without a server name Envoy takes the request's host, and checks the certificate against it if nothing else is known. Where it
 * looks the host up, it always does: what it is given may be the name of somebody else.
 */
export function tlsFromHost(tls: RuledTls | undefined, lookedUp = false): TlsFromHost | undefined {
  if (tls?.kind !== 'own' && !(tls?.kind === 'mesh' && lookedUp)) return undefined;
  const { sni: name = '', subjectAltNames = [], insecureSkipVerify = false } = tls.settings;
  const sni = name === '';
  const san = !insecureSkipVerify && (lookedUp || (sni && subjectAltNames.length === 0));
  return sni || san ? { sni, san } : undefined;
}

/** What is known of a service by the time its cluster is built. */
export interface TlsService {
  readonly registry: Service['registry'];
  /** Default server name of mesh TLS. */
  readonly sni: string;
  /** Who may answer: declared names and the identities of the endpoints, sorted. */
  readonly identities: readonly string[];
}

/** A rule's TLS with names filled in from the service; undefined for plain text. */
export function ruledUpstream(tls: RuledTls, { registry, sni, identities }: TlsService): UpstreamTls | undefined {
  if (tls.kind === 'none' || tls.kind === 'dropped' || tls.kind === 'refused') return undefined;
  const named = tls.settings.subjectAltNames ?? [];
  if (tls.kind === 'mesh')
    return { kind: 'mesh', sni: tls.settings.sni || sni, subjectAltNames: named.length > 0 ? named : identities };
  if (named.length > 0 || registry !== 'external' || tls.settings.insecureSkipVerify === true) return tls;
  return { ...tls, settings: { ...tls.settings, subjectAltNames: identities } };
}

/** Mutual TLS inside the mesh that nobody asked for. */
export function automaticUpstream(facet: TlsSurroundings['facet'], { sni, identities }: TlsService): UpstreamTls {
  const certificates = facet.clientCertificates;
  if (certificates === undefined) return { kind: 'mesh', sni, subjectAltNames: identities };
  const { settings } = ownCertificates(certificates, { sni, subjectAltNames: identities }) as RuledTls & { kind: 'own' };
  return { kind: 'own', mode: 'MUTUAL', settings };
}

/** What decides whether a cluster without a rule's TLS tries mutual TLS. */
export interface Trying {
  readonly service: Pick<Service, 'location'>;
  readonly facet: TlsSurroundings['facet'];
  readonly mesh: Pick<MeshConfig, 'enableAutoMtls'>;
  /** Calls to the original destination cannot choose per endpoint. */
  readonly blind: boolean;
  readonly port: PortFacts | undefined;
  /** What the service's namespace or the mesh says of its workloads. */
  readonly mode: () => PeerMode;
}

/**
 * Whether a cluster tries mutual TLS of its own accord (spec/istio.md 4.9, 11 Clients): not where PeerAuthentication turns it
 * off, nor without an identity; and where all calls must be alike, only if every endpoint can do it.
 */
export function triesMutualTls({ service, facet, mesh, blind, port, mode }: Trying): boolean {
  if (service.location === 'external' || !mesh.enableAutoMtls) return false;
  if (facet.withoutIdentity && facet.clientCertificates === undefined) return false;
  if (blind && (port === undefined || port.plaintext)) return false;
  return mode() !== 'DISABLE';
}
