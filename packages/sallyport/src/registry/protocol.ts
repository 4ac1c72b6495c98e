import { isTcp, isTls, type Protocol } from '../model/index.ts';

const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ['tcp', 'tcp'],
  ['udp', 'udp'],
  ['grpc', 'grpc'],
  ['grpc-web', 'grpc-web'],
  ['http', 'http'],
  ['http_proxy', 'http-proxy'],
  ['http2', 'http2'],
  ['https', 'https'],
  ['tls', 'tls'],
  ['mongo', 'mongo'],
  ['redis', 'redis'],
  ['mysql', 'mysql'],
]);

/** Ports whose protocols speak server first, so that waiting for the client's first bytes would hang (spec/istio.md 12). */
const SERVER_FIRST: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

const APP_PROTOCOLS: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ['kubernetes.io/h2c', 'http2'],
  ['kubernetes.io/ws', 'http'],
  ['kubernetes.io/wss', 'https'],
]);

/** The protocol of a ServiceEntry port: any case, empty or absent means detect; undefined for a word that is none (spec/istio.md 1.1). */
export function parseProtocol(text: string | undefined): Protocol | undefined {
  if (text === undefined || text === '') return 'auto';
  return PROTOCOLS.get(text.toLowerCase());
}

/** Whether a port of this protocol, as written, says nothing of the host that is called. A protocol that is detected may say something. */
export function carriesNoName(text: string | undefined): boolean {
  const protocol = parseProtocol(text) ?? 'auto';
  return isTcp(protocol) && !isTls(protocol);
}

/** What is mostly spoken on a port. */
export function usualProtocol(port: number): 'HTTP' | 'TLS' | 'TCP' {
  if (port === 80 || port === 8080) return 'HTTP';
  return port === 443 || port === 8443 ? 'TLS' : 'TCP';
}

/**
 * The protocol of a Kubernetes Service port. `appProtocol` hides the name, even when it is empty; a name counts up to
 * its first `-`; what says nothing is detected, unless the server speaks first on that port (spec/istio.md 12).
 */
export function kubernetesProtocol(port: {
  readonly port: number;
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
  readonly appProtocol?: string | undefined;
}): Protocol {
  if (port.protocol === 'UDP') return 'udp';
  const word = port.appProtocol ?? port.name ?? '';
  const known = port.appProtocol === undefined ? undefined : APP_PROTOCOLS.get(word);
  const said = known ?? fromWord(word);
  return said === 'auto' && SERVER_FIRST.has(port.port) ? 'tcp' : said;
}

function fromWord(word: string): Protocol {
  const lower = word.toLowerCase();
  if (lower.startsWith('grpc-web')) return 'grpc-web';
  return PROTOCOLS.get(lower.split('-', 1)[0] ?? '') ?? 'auto';
}
