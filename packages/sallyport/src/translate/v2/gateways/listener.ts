import { isSubsetOf } from '../../../lib/host.ts';
import type {
  ConfigObject,
  FieldPath,
  GatewayListener,
  GatewaySpec,
  GlooSelector,
  ServerTlsSettings,
  TlsVersion,
  VirtualGatewaySpec,
} from '../../../model/index.ts';
import { copied, type Marked, took } from '../../sourced.ts';
import type { ServedPort } from './workloads.ts';

export type VirtualGateway = ConfigObject<VirtualGatewaySpec>;
type Server = NonNullable<GatewaySpec['servers']>[number];

/** Upper-case protocol of a listener: as written, or by its type and TLS (spec/gloo.md 2.7). */
export function protocolOf({ appProtocol = '', http, tls }: GatewayListener): string {
  if (appProtocol !== '') return appProtocol.toUpperCase();
  if (http !== undefined) return tls === undefined ? 'HTTP' : 'HTTPS';
  return tls === undefined ? 'TCP' : 'TLS';
}

/** The port of the Service that a listener stands behind, by number or by name. */
export function servedPort({ port }: GatewayListener, ports: readonly ServedPort[]): ServedPort | undefined {
  return ports.find(({ number, name }) => (port?.number === undefined ? name === port?.name : number === port.number));
}

/** Hosts that a listener is for, without those that `more` adds: hosts of services that leave here, and that no filter has (spec/gloo.md 2.7). */
export function hostsOf(
  { allowedRouteTables = [], exposedExternalServices = [] }: GatewayListener,
  more: readonly string[],
): readonly string[] {
  const named = [...allowedRouteTables, ...exposedExternalServices].map(({ host = '' }) => filterOf(host).host);
  if (named.length === 0) return ['*'];
  const hosts = [...new Set(named)];
  for (const host of [...more].sort()) if (!hosts.some((outer) => isSubsetOf(host, outer))) hosts.push(host);
  return hosts.includes('*') ? ['*'] : hosts;
}

/** `namespace/host` of a filter; any namespace where none is written. */
export function filterOf(text: string): { readonly namespace: string; readonly host: string } {
  const slash = text.indexOf('/');
  return slash === -1 ? { namespace: '*', host: text } : { namespace: text.slice(0, slash), host: text.slice(slash + 1) };
}

/** Whether one of the filters lets an object of this host through; without filters every one is (spec/gloo.md 2.7). */
export function isLet(
  filters: readonly { readonly host?: string; readonly selector?: GlooSelector }[] | undefined,
  { namespace, host }: { readonly namespace: string; readonly host: string },
  own: string,
  selected: (selector: GlooSelector) => boolean,
  fits: (host: string, filter: string) => boolean = isSubsetOf,
): boolean {
  const all = filters ?? [];
  if (all.length === 0) return true;
  return all.some(({ host: text = '', selector }) => {
    const filter = filterOf(text);
    const place = filter.namespace === '.' ? own : filter.namespace;
    return (place === '*' || place === namespace) && fits(host, filter.host) && (selector === undefined || selected(selector));
  });
}

/** One server of a Gateway, on the port where the proxies listen for it (spec/gloo.md 2.6, published output). */
export function serverOf(gateway: VirtualGateway, index: number, target: number, more: readonly string[]): Marked<Server> {
  const listener = gateway.spec.listeners![index]!;
  const field: FieldPath = ['spec', 'listeners', index];
  const protocol = protocolOf(listener);
  const hosts = hostsOf(listener, more);
  return took<Server>(gateway, field, {
    hosts: took(gateway, [...field, hostsField(listener)], hosts),
    port: took<NonNullable<Server['port']>>(gateway, [...field, 'port'], {
      name: portName(protocol, target, hosts),
      number: target,
      protocol: took(gateway, [...field, 'appProtocol'], protocol),
    }),
    tls: tlsOf(gateway, listener, field),
  });
}

function hostsField({ allowedRouteTables = [], exposedExternalServices = [] }: GatewayListener): string {
  if (allowedRouteTables.length > 0) return 'allowedRouteTables';
  return exposedExternalServices.length > 0 ? 'exposedExternalServices' : 'port';
}

/** `http-8080-all`, `https-8443-httpbin.org` (published). */
function portName(protocol: string, target: number, [first = '*']: readonly string[]): string {
  return `${protocol.toLowerCase()}-${target}-${first === '*' ? 'all' : first.replace('*', 'any')}`;
}

function tlsOf(
  gateway: VirtualGateway,
  { tls, httpsRedirect }: GatewayListener,
  field: FieldPath,
): Marked<ServerTlsSettings> | undefined {
  if (httpsRedirect === true) return took<ServerTlsSettings>(gateway, [...field, 'httpsRedirect'], { httpsRedirect });
  if (tls === undefined) return undefined;
  const at = [...field, 'tls'];
  const { mode = 'PASSTHROUGH', secretName, files, verifySubjectAltName, parameters } = tls;
  const opened = mode === 'SIMPLE' || mode === 'MUTUAL';
  return took<ServerTlsSettings>(gateway, at, {
    mode: took(gateway, [...at, 'mode'], mode),
    ...(opened && {
      credentialName: copied(gateway, [...at, 'secretName'], secretName),
      serverCertificate: copied(gateway, [...at, 'files', 'serverCert'], files?.serverCert),
      privateKey: copied(gateway, [...at, 'files', 'privateKey'], files?.privateKey),
      caCertificates: mode === 'MUTUAL' ? copied(gateway, [...at, 'files', 'caCerts'], files?.caCerts) : undefined,
      subjectAltNames: mode === 'MUTUAL' ? copied(gateway, [...at, 'verifySubjectAltName'], verifySubjectAltName) : undefined,
    }),
    minProtocolVersion: version(gateway, [...at, 'parameters', 'minimumProtocolVersion'], parameters?.minimumProtocolVersion),
    maxProtocolVersion: version(gateway, [...at, 'parameters', 'maximumProtocolVersion'], parameters?.maximumProtocolVersion),
    cipherSuites: copied(gateway, [...at, 'parameters', 'cipherSuites'], parameters?.cipherSuites),
  });
}

/** Gloo spells versions as Envoy's documentation does, Istio in capitals. */
function version(gateway: VirtualGateway, field: FieldPath, value: string | undefined): Marked<TlsVersion> | undefined {
  return value === undefined ? undefined : took(gateway, field, value.toUpperCase() as TlsVersion);
}
